//! `ainfera plugin check`: the gateway's own verification, offline.

use std::path::PathBuf;

use super::{found, inspect};
use crate::catalog::Catalog;
use crate::catalog::{CatalogFile, DEFAULT};
use crate::cli::failure::Failure;
use crate::cli::show::{self, say};
use crate::lifecycle::verify;

#[derive(Debug, clap::Args)]
pub struct CheckArgs {
    /// The component, or the folder of its project
    #[arg(value_name = "PATH", default_value = ".")]
    path: PathBuf,
    /// Print JSON: the report, or the reasons of the rejection
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &CheckArgs) -> Result<(), Failure> {
    let bytes = found::bytes(&args.path)?;
    let engine = found::engine()?;
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
    let found = &report.findings;
    say!(
        "verified: every law of {} holds in {} cases",
        found.slot,
        found.cases
    );
    say!("digest  {}", found.digest);
    say!("size    {} bytes", found.size);
    say!(
        "fuel    {} (p50), {} (p99), at most {} for a call; {} are allowed",
        found.fuel.p50,
        found.fuel.p99,
        found.max_fuel,
        found.fuel_budget
    );
    say!("memory  at most {} bytes", found.max_memory);
    let time = report.evaluation_us;
    say!(
        "time    {} µs (p50), {} µs (p99), {} µs (max) here",
        time.p50,
        time.p99,
        time.max
    );
    say!("engine  {}", found.fingerprint);
    say!("report  {}", report.report_sha256);
    say!("levers");
    inspect::levers(&found.declared);
    Ok(())
}
