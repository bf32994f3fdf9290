//! `ainfera plugin rollback`: the set of an earlier generation becomes the
//! active one again. Needs no signature.

use std::time::Instant;

use serde_json::json;

use crate::cli::api::{ApiArgs, part};
use crate::cli::failure::Failure;
use crate::cli::show::{self, say};

#[derive(Debug, clap::Args)]
pub struct RollbackArgs {
    /// The generation whose set to take [default: the one that the active set replaced]
    #[arg(long, value_name = "GENERATION")]
    to: Option<i64>,
    /// Print JSON: the new generation
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    api: ApiArgs,
}

pub(super) async fn run(args: &RollbackArgs) -> Result<(), Failure> {
    let api = args.api.connect()?;
    let active: i64 = part(&api.get("policy").await?, "generation")?;
    let started = Instant::now();
    let body = json!({"to_generation": args.to, "expected_generation": active});
    let activated = api.post("policy/rollback", &body).await?;
    if args.json {
        return show::json(&activated);
    }
    let generation: i64 = part(&activated, "generation")?;
    say!(
        "rolled back from generation {active}: generation {generation} is active after {:.1} ms",
        started.elapsed().as_secs_f64() * 1_000.0
    );
    Ok(())
}
