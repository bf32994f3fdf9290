//! `ainfera plugin shadow`: a candidate beside the active set, on live calls.

use clap::Subcommand;
use serde::Deserialize;
use serde_json::{Value, json};

use super::propose::{Filled, slots};
use crate::cli::api::ApiArgs;
use crate::cli::failure::Failure;
use crate::cli::show::{self, plain, say};
use crate::lifecycle::replay::{Example, Tally};
use crate::store::ChangeId;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ShadowCommand {
    /// Let verified components decide live calls beside the active set
    Start(StartArgs),
    /// Show what the shadow found so far
    Status(ShadowArgs),
    /// End it, and show what it found
    Stop(ShadowArgs),
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct StartArgs {
    /// What is to fill which slot: digests of verified components
    #[arg(value_name = "SLOT=DIGEST", required_unless_present = "change")]
    slots: Vec<Filled>,
    /// The components of a proposed change, in place of slots
    #[arg(long, value_name = "CHANGE", conflicts_with = "slots")]
    change: Option<ChangeId>,
    /// The part of the calls that is taken: above 0, at most 1
    #[arg(long, value_name = "PART", default_value = "1")]
    sample: String,
    #[command(flatten)]
    rest: ShadowArgs,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ShadowArgs {
    /// Print JSON: the shadow
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    api: ApiArgs,
}

/// What is shown of the answer.
#[derive(Deserialize)]
struct Shadow {
    state: String,
    base: Base,
    sample: String,
    seen: u64,
    sampled: u64,
    skipped: u64,
    left_out: u64,
    tally: Tally,
    first: Vec<Example>,
    last: Vec<Example>,
}

#[derive(Deserialize)]
struct Base {
    generation: i64,
}

pub(super) async fn run(command: &ShadowCommand) -> Result<(), Failure> {
    let (args, shadow) = match command {
        ShadowCommand::Start(args) => {
            let wish = match args.change {
                Some(change) => json!({"change": change, "sample": args.sample}),
                None => json!({"slots": slots(&args.slots)?, "sample": args.sample}),
            };
            let api = args.rest.api.connect()?;
            (&args.rest, api.post("shadow", &wish).await?)
        }
        ShadowCommand::Status(args) => (args, args.api.connect()?.get("shadow").await?),
        ShadowCommand::Stop(args) => (args, args.api.connect()?.delete("shadow").await?),
    };
    if args.json {
        return show::json(&shadow);
    }
    print(&shadow)
}

fn print(shadow: &Value) -> Result<(), Failure> {
    let Shadow {
        state,
        base,
        sample,
        seen,
        sampled,
        skipped,
        left_out,
        tally,
        first,
        last,
    } = Shadow::deserialize(shadow)?;
    say!(
        "shadow of generation {}, {}, on {} of the calls",
        base.generation,
        plain(&state),
        plain(&sample)
    );
    say!(
        "  {seen} calls seen, {sampled} taken, {skipped} skipped as too many waited, {left_out} unreadable"
    );
    say!("  {}", show::tally(&tally));
    for example in first.iter().chain(&last) {
        say!("  {}", show::example(example));
    }
    Ok(())
}
