//! `ainfera plugin propose`: other components for some slots of the active set.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde_json::{Value, json};

use crate::cli::api::{Api, ApiArgs, part};
use crate::cli::failure::Failure;
use crate::cli::show::{self, say};
use crate::lifecycle::report::Report;
use crate::policy::Slot;
use crate::store::{ChangeId, Digest};

#[derive(Debug, clap::Args)]
pub struct ProposeArgs {
    /// What is to fill which slot: digests of verified components
    #[arg(value_name = "SLOT=DIGEST", required = true)]
    slots: Vec<Filled>,
    #[command(flatten)]
    replay: ReplayArgs,
    /// Print JSON: the change
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    api: ApiArgs,
}

/// Which recorded decisions the report decides again.
#[derive(Debug, clap::Args)]
pub(super) struct ReplayArgs {
    /// Decide the latest N recorded decisions again for the report
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    last: u32,
}

/// A slot, and the digest of what fills it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Filled {
    slot: Slot,
    digest: Digest,
}

impl FromStr for Filled {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (slot, digest) = text
            .split_once('=')
            .ok_or("write it like preference-dial=<digest>; `plugin inspect` shows digests")?;
        Ok(Self {
            slot: slot.parse()?,
            digest: digest
                .parse()
                .map_err(|error| format!("`{digest}` is {error}"))?,
        })
    }
}

/// What fills each slot that is named.
pub(super) fn slots(filled: &[Filled]) -> Result<BTreeMap<Slot, Digest>, Failure> {
    let slots: BTreeMap<Slot, Digest> = filled
        .iter()
        .map(|Filled { slot, digest }| (*slot, *digest))
        .collect();
    if slots.len() < filled.len() {
        return Err(Failure::unusable("a slot is named twice; name each once"));
    }
    Ok(slots)
}

pub(super) async fn run(args: &ProposeArgs) -> Result<(), Failure> {
    let slots = slots(&args.slots)?;
    let change = propose(&args.api.connect()?, &slots, &args.replay).await?;
    if args.json {
        return show::json(&change);
    }
    print(&change)
}

/// The change that fills `slots`.
pub(super) async fn propose(
    api: &Api,
    slots: &BTreeMap<Slot, Digest>,
    replay: &ReplayArgs,
) -> Result<Value, Failure> {
    let proposal = json!({"slots": slots, "replay": {"latest": replay.last}});
    api.post("changes", &proposal).await
}

/// What a founder reads of it.
pub(super) fn print(change: &Value) -> Result<(), Failure> {
    let (id, report): (ChangeId, Report) = (part(change, "id")?, part(change, "report")?);
    say!("proposed {id} on generation {}", report.base.generation);
    say!("{}", show::report(&report));
    say!("authorize it with: ainfera plugin authorize {id} --key founder.pem");
    Ok(())
}
