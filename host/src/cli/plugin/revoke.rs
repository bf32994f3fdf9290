//! `ainfera plugin revoke`: the set of a generation may not become active again.

use crate::cli::api::ApiArgs;
use crate::cli::failure::Failure;
use crate::cli::show::{self, say};

#[derive(Debug, clap::Args)]
pub struct RevokeArgs {
    /// The generation whose set to revoke; roll back from it first
    #[arg(value_name = "GENERATION")]
    generation: i64,
    /// Lift the revocation; takes a founder's token
    #[arg(long)]
    lift: bool,
    /// Print JSON: the generation
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    api: ApiArgs,
}

pub(super) async fn run(args: &RevokeArgs) -> Result<(), Failure> {
    let api = args.api.connect()?;
    let path = format!("policy/generations/{}/revocation", args.generation);
    let generation = if args.lift {
        api.delete(&path).await?
    } else {
        api.post(&path, &serde_json::json!({})).await?
    };
    if args.json {
        return show::json(&generation);
    }
    if args.lift {
        say!(
            "the set of generation {} may become active again",
            args.generation
        );
    } else {
        say!(
            "revoked the set of generation {}: nothing makes it active again until a founder lifts that",
            args.generation
        );
    }
    Ok(())
}
