//! `ainfera plugin`: the life of a policy component.

mod authorize;
mod bench;
mod build;
mod check;
mod diff;
mod found;
mod inspect;
mod new;
mod propose;
mod push;
mod replay;
mod revoke;
mod rollback;
mod shadow;
mod status;
mod test;

use std::fs;
use std::path::Path;

use clap::Subcommand;

use super::failure::Failure;

#[derive(Debug, Subcommand)]
pub(super) enum PluginCommand {
    /// Make a project for a new policy, in Rust, JavaScript or Python
    New(new::NewArgs),
    /// Build a project's components
    Build(build::BuildArgs),
    /// Show what a component is and says of itself
    Inspect(inspect::InspectArgs),
    /// Verify a component as the gateway would, offline
    Check(check::CheckArgs),
    /// Ask a component its project's table of cases
    Test(test::TestArgs),
    /// Measure what evaluations of a component take
    Bench(bench::BenchArgs),
    /// Compare two components of one slot over the whole grid
    Diff(diff::DiffArgs),
    /// Decide an exported log again with other components, offline
    Replay(replay::ReplayArgs),
    /// Upload a component and propose it for its slot
    Push(push::PushArgs),
    /// Propose verified components for their slots
    Propose(propose::ProposeArgs),
    /// Sign a proposed change with a founder's key and activate it
    Authorize(authorize::AuthorizeArgs),
    /// Let a candidate decide live calls beside the active set
    #[command(subcommand)]
    Shadow(shadow::ShadowCommand),
    /// Make the set of an earlier generation the active one again
    Rollback(rollback::RollbackArgs),
    /// Never make the set of a generation active again
    Revoke(revoke::RevokeArgs),
    /// Show the active set and its levers
    Status(status::StatusArgs),
}

pub(super) async fn run(command: PluginCommand) -> Result<(), Failure> {
    match command {
        PluginCommand::New(args) => new::run(&args),
        PluginCommand::Build(args) => build::run(&args),
        PluginCommand::Inspect(args) => inspect::run(&args),
        PluginCommand::Check(args) => check::run(&args),
        PluginCommand::Test(args) => test::run(&args),
        PluginCommand::Bench(args) => bench::run(&args),
        PluginCommand::Diff(args) => diff::run(&args),
        PluginCommand::Replay(args) => replay::run(&args),
        PluginCommand::Push(args) => push::run(&args).await,
        PluginCommand::Propose(args) => propose::run(&args).await,
        PluginCommand::Authorize(args) => authorize::run(&args).await,
        PluginCommand::Shadow(command) => shadow::run(&command).await,
        PluginCommand::Rollback(args) => rollback::run(&args).await,
        PluginCommand::Revoke(args) => revoke::run(&args).await,
        PluginCommand::Status(args) => status::run(&args).await,
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| Failure::file(path, &error))
}
