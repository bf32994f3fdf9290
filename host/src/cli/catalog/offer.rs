//! `ainfera catalog activate` and `darken`.

use serde::Deserialize;
use serde_json::json;

use super::Changed;
use crate::cli::api::{ApiArgs, encoded};
use crate::cli::failure::Failure;
use crate::cli::show;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct OfferArgs {
    /// The offer's id, `slug@provider`
    offer: String,
    /// Print JSON: what it made
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    api: ApiArgs,
}

pub(super) async fn run(args: &OfferArgs, active: bool) -> Result<(), Failure> {
    if !args.offer.contains('@') {
        return Err(Failure::unusable(
            "an offer's id is `slug@provider`; `ainfera catalog show` lists them",
        ));
    }
    let path = format!("offers/{}", encoded(&args.offer));
    let api = args.api.connect()?;
    let answer = api.patch(&path, &json!({"active": active})).await?;
    if args.json {
        return show::json(&answer);
    }
    Changed::deserialize(&answer)?.say();
    Ok(())
}
