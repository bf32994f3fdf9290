//! `ainfera plugin`: the life of a policy component.

mod authorize;
mod build;
mod check;
mod inspect;
mod push;
mod revoke;
mod rollback;
mod status;

use std::fs;
use std::path::Path;

use clap::Subcommand;

use super::failure::Failure;

#[derive(Debug, Subcommand)]
pub(super) enum PluginCommand {
    /// Build the policy components of a Cargo package or workspace
    Build(build::BuildArgs),
    /// Show what a component is and says of itself
    Inspect(inspect::InspectArgs),
    /// Verify a component as the gateway would, offline
    Check(check::CheckArgs),
    /// Upload a component and propose it for its slot
    Push(push::PushArgs),
    /// Sign a proposed change with a founder's key and activate it
    Authorize(authorize::AuthorizeArgs),
    /// Make the set of an earlier generation the active one again
    Rollback(rollback::RollbackArgs),
    /// Never make the set of a generation active again
    Revoke(revoke::RevokeArgs),
    /// Show the active set and its levers
    Status(status::StatusArgs),
}

pub(super) async fn run(command: PluginCommand) -> Result<(), Failure> {
    match command {
        PluginCommand::Build(args) => build::run(&args).map(drop).map_err(Failure::refused),
        PluginCommand::Inspect(args) => inspect::run(&args),
        PluginCommand::Check(args) => check::run(&args),
        PluginCommand::Push(args) => push::run(&args).await,
        PluginCommand::Authorize(args) => authorize::run(&args).await,
        PluginCommand::Rollback(args) => rollback::run(&args).await,
        PluginCommand::Revoke(args) => revoke::run(&args).await,
        PluginCommand::Status(args) => status::run(&args).await,
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| Failure::file(path, &error))
}
