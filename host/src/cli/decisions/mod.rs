//! `ainfera decisions`: the routed calls on record, whether a gateway runs or
//! not. The database is only read.

mod export;
mod verify;
mod window;

use clap::Subcommand;

use super::configured::ConfigArgs;
use super::failure::Failure;
use crate::store::Store;

#[derive(Debug, Subcommand)]
pub(super) enum DecisionsCommand {
    /// Write them as JSON lines, with all that is needed to decide them again
    Export(export::ExportArgs),
    /// Decide them again by the policy and catalog that they name, and report
    /// what differs
    Verify(verify::VerifyArgs),
}

pub(super) async fn run(command: &DecisionsCommand) -> Result<(), Failure> {
    match command {
        DecisionsCommand::Export(args) => export::run(args).await,
        DecisionsCommand::Verify(args) => verify::run(args).await,
    }
}

/// The configured database, to be read.
async fn open(config: &ConfigArgs) -> Result<Store, Failure> {
    let config = config.load().map_err(Failure::unusable)?;
    Store::read_only(config.database())
        .await
        .map_err(Failure::unusable)
}
