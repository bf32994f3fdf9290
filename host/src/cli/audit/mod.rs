//! `ainfera audit`: what was done, and whether the log of it is whole. Works
//! beside a gateway that runs, or without one; the database is only read.

mod export;
mod key;
mod place;
mod verify;

use std::path::PathBuf;

use clap::Subcommand;

use super::configured::ConfigArgs;
use super::failure::Failure;
use crate::config::Config;
use crate::store::Store;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum AuditCommand {
    /// Verify every chain and checkpoint, and name the first broken link
    Verify(verify::VerifyArgs),
    /// Write the audit as JSON lines, which `verify --file` takes
    Export(export::ExportArgs),
    /// Show the public key that checkpoints are verified by
    Key(WhereArgs),
}

/// Where the database and the host's key are.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct WhereArgs {
    /// The gateway's data directory, whatever the configuration says
    #[arg(long, value_name = "PATH")]
    data_dir: Option<PathBuf>,
    #[command(flatten)]
    config: ConfigArgs,
}

pub(super) async fn run(command: &AuditCommand) -> Result<(), Failure> {
    match command {
        AuditCommand::Verify(args) => verify::run(args).await,
        AuditCommand::Export(args) => export::run(args).await,
        AuditCommand::Key(args) => key::run(args),
    }
}

impl WhereArgs {
    fn config(&self) -> Result<Config, Failure> {
        let mut config = self.config.load().map_err(Failure::unusable)?;
        if let Some(path) = &self.data_dir {
            config.data_dir.clone_from(path);
            config.database = None;
        }
        Ok(config)
    }

    pub(in crate::cli) async fn open(&self) -> Result<Store, Failure> {
        let database = self.config()?.database();
        Store::read_only(database).await.map_err(Failure::unusable)
    }
}
