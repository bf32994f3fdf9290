//! `ainfera plugin check`: the gateway's own verification, offline.

use std::path::PathBuf;

use super::{inspect, read};
use crate::catalog::Catalog;
use crate::catalog::{CatalogFile, DEFAULT};
use crate::cli::failure::Failure;
use crate::cli::show::{self, say};
use crate::lifecycle::verify;
use crate::policy::{Guests, PolicyEngine};

#[derive(Debug, clap::Args)]
pub struct CheckArgs {
    /// The component
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Print JSON: the report, or the reasons of the rejection
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &CheckArgs) -> Result<(), Failure> {
    let bytes = read(&args.file)?;
    let engine = PolicyEngine::isolated(Guests::default()).map_err(Failure::unusable)?;
    // A gateway's catalog may have other names; it checks its own at the upload.
    let catalog = CatalogFile::from_toml(DEFAULT)
        .and_then(|file| Catalog::new(0, file))
        .map_err(Failure::unusable)?;
    let verified = match verify(&engine, &bytes, &|name| catalog.names(name)) {
        Ok(verified) => verified,
        Err(rejected) => {
            if args.json {
                show::json(&serde_json::to_value(&rejected)?)?;
            }
            return Err(rejected.into());
        }
    };
    let report = &verified.report;
    if args.json {
        return show::json(&serde_json::to_value(report)?);
    }
    say!(
        "verified: every law of {} holds in {} cases",
        report.slot,
        report.cases
    );
    say!("digest  {}", report.digest);
    say!("size    {} bytes", report.size);
    say!(
        "fuel    at most {} for a call; {} are allowed",
        report.max_fuel,
        report.fuel_budget
    );
    say!("engine  {}", report.fingerprint);
    say!("levers");
    inspect::levers(&report.declared);
    Ok(())
}
