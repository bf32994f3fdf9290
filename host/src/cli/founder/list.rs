//! `ainfera founder list`.

use serde::Deserialize;

use crate::cli::api::ApiArgs;
use crate::cli::failure::Failure;
use crate::cli::show::{self, plain, say};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ListArgs {
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    api: ApiArgs,
}

/// What the gateway says of its founders.
#[derive(Deserialize)]
pub(super) struct Founders {
    pub(super) founders: Vec<Founder>,
    threshold: usize,
    fixed: bool,
}

#[derive(Deserialize)]
pub(super) struct Founder {
    pub(super) key_id: String,
    pub(super) revoked: bool,
}

pub(super) async fn run(args: &ListArgs) -> Result<(), Failure> {
    let answer = args.api.connect()?.get("founders").await?;
    if args.json {
        return show::json(&answer);
    }
    let Founders {
        founders,
        threshold,
        fixed,
    } = Founders::deserialize(&answer)?;
    if founders.is_empty() {
        say!("no founder; enrol one with: ainfera founder enrol --key founder.pem.pub");
        return Ok(());
    }
    say!("{threshold} of these have to sign");
    for Founder { key_id, revoked } in founders {
        say!(
            "{}{}",
            plain(&key_id),
            if revoked { "  revoked" } else { "" }
        );
    }
    if fixed {
        say!("they are set by the operator's AINFERA_FOUNDER_KEYS");
    }
    Ok(())
}
