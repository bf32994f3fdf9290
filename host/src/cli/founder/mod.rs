//! `ainfera founder`: whose signatures count.

mod list;
mod sign;

use std::fs;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::json;

use super::api::part;
use super::failure::Failure;
use super::show::{self, plain, say};
use crate::lifecycle::keys::FounderKey;
use sign::{SignArgs, Wish};

#[derive(Debug, Subcommand)]
pub(super) enum FounderCommand {
    /// Enrol a public key: the first on the admin token's word, others on the founders'
    Enrol(EnrolArgs),
    /// Put one key in the place of another
    Rotate(RotateArgs),
    /// Revoke a key: it signs nothing any more
    Revoke(RevokeArgs),
    /// List the founders' keys and how many have to sign
    List(list::ListArgs),
}

#[derive(Debug, clap::Args)]
pub(super) struct EnrolArgs {
    /// The public key, PEM
    #[arg(long, value_name = "PATH")]
    key: PathBuf,
    /// A founder's private key, PEM; without it the key is enrolled as the first
    #[arg(long, value_name = "PATH")]
    sign_with: Option<PathBuf>,
    #[command(flatten)]
    sign: SignArgs,
}

#[derive(Debug, clap::Args)]
pub(super) struct RotateArgs {
    /// The new public key, PEM
    #[arg(long, value_name = "PATH")]
    key: PathBuf,
    /// The id of the key that it replaces
    #[arg(long, value_name = "KEY-ID")]
    replaces: String,
    /// A founder's private key, PEM; it may be the one that is replaced
    #[arg(long, value_name = "PATH")]
    sign_with: PathBuf,
    #[command(flatten)]
    sign: SignArgs,
}

#[derive(Debug, clap::Args)]
pub(super) struct RevokeArgs {
    /// The id of the key, as `ainfera founder list` shows it
    #[arg(value_name = "KEY-ID")]
    key: String,
    /// A founder's private key, PEM
    #[arg(long, value_name = "PATH")]
    sign_with: PathBuf,
    #[command(flatten)]
    sign: SignArgs,
}

pub(super) async fn run(command: &FounderCommand) -> Result<(), Failure> {
    match command {
        FounderCommand::Enrol(args) => enrol(args).await,
        FounderCommand::Rotate(args) => {
            let wish = Wish {
                add: Some(public_key(&args.key)?),
                revoke: Some(args.replaces.clone()),
            };
            sign::run(&wish, &args.sign_with, &args.sign).await
        }
        FounderCommand::Revoke(args) => {
            let wish = Wish {
                add: None,
                revoke: Some(args.key.clone()),
            };
            sign::run(&wish, &args.sign_with, &args.sign).await
        }
        FounderCommand::List(args) => list::run(args).await,
    }
}

async fn enrol(args: &EnrolArgs) -> Result<(), Failure> {
    let key = public_key(&args.key)?;
    if let Some(sign_with) = &args.sign_with {
        let wish = Wish {
            add: Some(key),
            revoke: None,
        };
        return sign::run(&wish, sign_with, &args.sign).await;
    }
    let public_key = key.to_pem().map_err(Failure::unusable)?;
    let api = args.sign.api.connect()?;
    let founder = api
        .post("founders", &json!({"public_key": public_key}))
        .await?;
    if args.sign.json {
        return show::json(&founder);
    }
    say!(
        "enrolled founder key {}",
        plain(&part::<String>(&founder, "key_id")?)
    );
    Ok(())
}

/// The public key in a file: only what was read as one is sent, never the file as
/// it is.
fn public_key(path: &Path) -> Result<FounderKey, Failure> {
    let pem = fs::read_to_string(path).map_err(|error| Failure::file(path, &error))?;
    FounderKey::from_pem(&pem)
        .map_err(|error| Failure::unusable(format!("{}: {error}", path.display())))
}
