//! `ainfera plugin inspect`: what a component is and says of itself.

use std::path::PathBuf;

use serde::Serialize;
use serde_json::Value;

use super::found;
use crate::cli::failure::Failure;
use crate::cli::show::{self, plain, say};
use crate::policy::levers::{Declared, LeverValue};
use crate::policy::{Component, Slot};
use crate::store::Digest;

#[derive(Debug, clap::Args)]
pub struct InspectArgs {
    /// The component, or the folder of its project
    #[arg(value_name = "PATH", default_value = ".")]
    path: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What is shown.
#[derive(Serialize)]
struct Shown<'a> {
    slot: Slot,
    digest: Digest,
    size: usize,
    #[serde(flatten)]
    declared: &'a Declared,
}

pub(super) fn run(args: &InspectArgs) -> Result<(), Failure> {
    let bytes = found::bytes(&args.path)?;
    let engine = found::engine()?;
    let component = Component::load(&engine, &bytes).map_err(Failure::refused)?;
    let (description, _) = component
        .describe()
        .map_err(|fault| Failure::refused(format!("describe: {fault}")))?;
    let declared = Declared::read(description).map_err(Failure::refused)?;
    let shown = Shown {
        slot: component.slot(),
        digest: component.digest(),
        size: bytes.len(),
        declared: &declared,
    };
    if args.json {
        let value: Value = serde_json::to_value(&shown)?;
        return show::json(&value);
    }
    say!(
        "{} {}, {}",
        plain(&declared.name),
        plain(&declared.version),
        plain(&declared.summary)
    );
    say!("slot    {}", shown.slot);
    say!("digest  {}", shown.digest);
    say!("size    {} bytes", shown.size);
    say!("levers");
    levers(&declared);
    Ok(())
}

/// Prints the levers, one a line.
pub(super) fn levers(declared: &Declared) {
    for (name, lever) in &declared.levers {
        let value = match &lever.value {
            LeverValue::Number(number) => number.to_string(),
            LeverValue::Text(text) => plain(text),
            LeverValue::Day(day) => day.to_string(),
        };
        let bounds = lever
            .bounds
            .map(|(least, most)| format!(" [{least} to {most}]"))
            .unwrap_or_default();
        say!(
            "  {:<24} {value}{bounds}  {}",
            plain(name),
            plain(&lever.summary)
        );
    }
}
