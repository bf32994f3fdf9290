//! `ainfera backup`: the database in one file, whether a gateway runs on it or not.

use std::path::PathBuf;

use super::configured::ConfigArgs;
use super::failure::Failure;
use crate::store::backup::{self, BackupError};

#[derive(Debug, clap::Args)]
pub(super) struct BackupArgs {
    /// The file to make; it must not be there
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    #[command(flatten)]
    config: ConfigArgs,
}

pub(super) async fn run(args: &BackupArgs) -> Result<(), Failure> {
    let config = args.config.load().map_err(Failure::unusable)?;
    let database = config.database();
    let file = database.file().ok_or_else(|| {
        Failure::unusable(format!(
            "{database} is on a server; back it up with that server's tools, such as pg_dump"
        ))
    })?;
    backup::copy(file, &args.to)
        .await
        .map_err(|error| match error {
            BackupError::Exists(_) => Failure::refused(error),
            other => Failure::unusable(other),
        })?;
    eprintln!(
        "the database, as it was when this began, is in {}; keep audit-key.pem of {} too, elsewhere",
        args.to.display(),
        config.data_dir.display()
    );
    Ok(())
}
