//! `ainfera decisions verify`: does every decision come out the same again?

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use super::super::show::{self, plain, say};
use super::window::WindowArgs;
use super::{ConfigArgs, Failure, open};
use crate::cli::progress::Progress;
use crate::lifecycle::reproduce::{Report, Verifier};
use crate::policy::{Guests, PolicyEngine};
use crate::store::Store;
use crate::store::calls::Decision;
use crate::store::history::History;

#[derive(Debug, clap::Args)]
pub struct VerifyArgs {
    /// An export (`-` is standard input); else the decisions of the database.
    /// Components and catalog versions are always the database's
    #[arg(value_name = "FILE", conflicts_with_all = ["since", "until", "limit"])]
    file: Option<PathBuf>,
    #[command(flatten)]
    window: WindowArgs,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    config: ConfigArgs,
}

pub(super) async fn run(args: &VerifyArgs) -> Result<(), Failure> {
    let store = open(&args.config).await?;
    let engine = PolicyEngine::isolated(Guests::default()).map_err(Failure::unusable)?;
    let verifier = Verifier::new(store.clone(), engine);
    let report = match &args.file {
        None => database(&store, args, verifier).await?,
        Some(path) if path.as_os_str() == "-" => lines(path, io::stdin().lock(), verifier).await?,
        Some(path) => {
            let file = File::open(path).map_err(|error| Failure::file(path, &error))?;
            lines(path, BufReader::new(file), verifier).await?
        }
    };
    if args.json {
        show::json(&serde_json::to_value(&report)?)?;
    } else {
        print(&report);
    }
    if report.is_clean() {
        return Ok(());
    }
    Err(Failure::refused(format!(
        "of {} decisions {} differ and {} cannot be decided again",
        report.decisions, report.differed, report.undecided
    )))
}

async fn database(
    store: &Store,
    args: &VerifyArgs,
    mut verifier: Verifier,
) -> Result<Report, Failure> {
    let mut history = History::open(store, args.window.window())
        .await
        .map_err(Failure::unusable)?;
    let pinned = history.pinned().await.map_err(Failure::unusable)?;
    let mut progress = Progress::new("decisions verified");
    loop {
        let page = history.page().await.map_err(Failure::unusable)?;
        if page.is_empty() {
            return Ok(verifier.finish(u64::try_from(pinned).unwrap_or(0)));
        }
        for decision in &page {
            verifier.add(decision).await.map_err(Failure::unusable)?;
        }
        progress.at(verifier.seen());
    }
}

async fn lines(
    path: &Path,
    lines: impl BufRead,
    mut verifier: Verifier,
) -> Result<Report, Failure> {
    let mut progress = Progress::new("decisions verified");
    for (index, line) in lines.lines().enumerate() {
        let line = line.map_err(|error| Failure::file(path, &error))?;
        let decision: Decision = serde_json::from_str(&line).map_err(|error| {
            Failure::unusable(format!(
                "{} line {}: {error}; expected a line of `ainfera decisions export`",
                path.display(),
                index + 1
            ))
        })?;
        verifier.add(&decision).await.map_err(Failure::unusable)?;
        progress.at(verifier.seen());
    }
    Ok(verifier.finish(0))
}

fn print(report: &Report) {
    say!(
        "{} of {} decisions came out the same",
        report.agreed,
        report.decisions
    );
    say!(
        "  policy sets: {}, components: {}, catalog versions: {}; engine {}",
        report.policy_sets,
        report.components,
        report.catalog_versions,
        report.engine
    );
    if report.pinned > 0 {
        say!("  pinned calls, which have no decision: {}", report.pinned);
    }
    for difference in &report.differences {
        say!("differs: {}", plain(&difference.to_string()));
    }
    if report.left_off > 0 {
        say!("and {} more differences", report.left_off);
    }
    for absent in &report.missing {
        say!(
            "missing: {}, named by {} decisions, the first {}",
            plain(&absent.missing.to_string()),
            absent.decisions,
            plain(&absent.first_request_id)
        );
    }
}
