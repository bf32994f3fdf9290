//! `ainfera plugin status`: the active set and its levers.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::cli::api::ApiArgs;
use crate::cli::failure::Failure;
use crate::cli::show::{self, plain, say};

#[derive(Debug, clap::Args)]
pub struct StatusArgs {
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    api: ApiArgs,
}

/// What is shown of the answer.
#[derive(Deserialize)]
struct Policy {
    generation: i64,
    components: BTreeMap<String, Component>,
    gates: BTreeMap<String, bool>,
    faults: u64,
    last_good: Option<LastGood>,
}

#[derive(Deserialize)]
struct Component {
    name: String,
    version: String,
    digest: String,
    levers: BTreeMap<String, Lever>,
}

#[derive(Deserialize)]
struct Lever {
    value: String,
}

#[derive(Deserialize)]
struct LastGood {
    generation: i64,
}

pub(super) async fn run(args: &StatusArgs) -> Result<(), Failure> {
    let policy: Value = args.api.connect()?.get("policy").await?;
    if args.json {
        return show::json(&policy);
    }
    let Policy {
        generation,
        components,
        gates,
        faults,
        last_good,
    } = Policy::deserialize(&policy)?;
    say!("generation {generation}, {faults} faults");
    if let Some(LastGood { generation }) = last_good {
        say!("generation {generation} answers where it faults");
    }
    for (slot, component) in &components {
        say!(
            "{:<16} {} {}  {}",
            plain(slot),
            plain(&component.name),
            plain(&component.version),
            plain(&component.digest)
        );
        for (name, lever) in &component.levers {
            say!("  {:<24} {}", plain(name), plain(&lever.value));
        }
    }
    for (name, open) in &gates {
        say!(
            "gate {} is {}",
            plain(name),
            if *open { "open" } else { "closed" }
        );
    }
    Ok(())
}
