//! `ainfera founder`: whose signatures count.

use std::fs;
use std::path::PathBuf;

use clap::Subcommand;
use serde_json::json;

use super::api::{ApiArgs, part};
use super::failure::Failure;
use super::show::{plain, say};
use crate::lifecycle::keys::FounderKey;

#[derive(Debug, Subcommand)]
pub(super) enum FounderCommand {
    /// Enrol the first founder's public key
    Enrol {
        /// The public key, PEM
        #[arg(long, value_name = "PATH")]
        key: PathBuf,
        #[command(flatten)]
        api: ApiArgs,
    },
}

pub(super) async fn run(command: &FounderCommand) -> Result<(), Failure> {
    let FounderCommand::Enrol { key: path, api } = command;
    let pem = fs::read_to_string(path).map_err(|error| Failure::file(path, &error))?;
    // Only what was read as a public key is sent, never the file as it is.
    let key = FounderKey::from_pem(&pem)
        .map_err(|error| Failure::unusable(format!("{}: {error}", path.display())))?;
    let public_key = key.to_pem().map_err(Failure::unusable)?;
    let founder = api
        .connect()?
        .post("founders", &json!({"public_key": public_key}))
        .await?;
    say!(
        "enrolled founder key {}",
        plain(&part::<String>(&founder, "key_id")?)
    );
    Ok(())
}
