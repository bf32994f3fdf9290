//! `ainfera audit verify`.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use super::WhereArgs;
use super::place::{head, place};
use crate::audit::key::{public, read};
use crate::audit::verify::{Options, Place};
use crate::audit::{Line, Report, Verifier, database};
use crate::cli::failure::Failure;
use crate::cli::show::{json, plain, say};
use crate::lifecycle::keys::FounderKey;
use crate::record::audit::Head;
use crate::store::AgentId;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct VerifyArgs {
    /// Verify an export instead of the database
    #[arg(long, value_name = "FILE", conflicts_with = "from")]
    file: Option<PathBuf>,
    /// Begin there; what is before is believed
    #[arg(long, value_name = "CHAIN.SEQ", value_parser = place)]
    from: Option<Place>,
    /// Count the events of this agent, too
    #[arg(long, value_name = "ID")]
    agent: Option<AgentId>,
    /// A file of public keys, PEM, that checkpoints may be signed by; else the
    /// host's own
    #[arg(long, value_name = "PATH")]
    key: Vec<PathBuf>,
    /// A link that is known from elsewhere, such as the log
    #[arg(long, value_name = "CHAIN:SEQ:LINK", value_parser = head)]
    head: Vec<(i64, Head)>,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: WhereArgs,
}

pub(super) async fn run(args: &VerifyArgs) -> Result<(), Failure> {
    let mut verifier = Verifier::new(Options {
        keys: keys(args)?,
        heads: args.head.clone(),
        from: args.from.unwrap_or_default(),
        agent: args.agent,
    });
    match &args.file {
        Some(path) => file(path, &mut verifier)?,
        None => {
            let store = args.place.open().await?;
            database::lines(&store, args.from.unwrap_or_default(), |line| {
                verifier.take(&line);
                ControlFlow::Continue(())
            })
            .await
            .map_err(Failure::unusable)?;
        }
    }
    let report = verifier.finish();
    if args.json {
        json(&serde_json::to_value(&report)?)?;
    } else {
        show(&report);
    }
    match report.problems.first() {
        None => Ok(()),
        Some(first) => Err(Failure::refused(&first.message)),
    }
}

/// Whose signatures count.
fn keys(args: &VerifyArgs) -> Result<Vec<FounderKey>, Failure> {
    let mut keys = Vec::new();
    for path in &args.key {
        let pem = fs::read_to_string(path).map_err(|error| Failure::file(path, &error))?;
        keys.extend(
            FounderKey::many_from_pem(&pem)
                .map_err(|error| Failure::unusable(format!("{}: {error}", path.display())))?,
        );
    }
    if keys.is_empty() {
        let own = read(&args.place.config()?.data_dir).map_err(Failure::unusable)?;
        keys.extend(own.as_ref().map(public));
    }
    Ok(keys)
}

fn file(path: &Path, verifier: &mut Verifier) -> Result<(), Failure> {
    let broken = |error| Failure::file(path, &error);
    let lines = BufReader::new(File::open(path).map_err(broken)?).lines();
    let mut ended = false;
    for (number, text) in (1_u64..).zip(lines) {
        let line: Line = serde_json::from_str(&text.map_err(broken)?).map_err(|error| {
            Failure::refused(format!(
                "{}: line {number} is not of an export: {error}",
                path.display()
            ))
        })?;
        ended = matches!(line, Line::End(_));
        verifier.take(&line);
    }
    if ended {
        Ok(())
    } else {
        Err(Failure::refused(format!(
            "{}: the export was cut off: its last line, which counts the others, is missing",
            path.display()
        )))
    }
}

/// For people. What is wrong first is said by the failure.
fn show(report: &Report) {
    for chain in &report.chains {
        let own = chain
            .agent_events
            .map_or_else(String::new, |own| format!(", {own} of the agent"));
        say!(
            "chain {}: {} events{own}, to {}:{}:{}",
            chain.chain,
            chain.events,
            chain.chain,
            chain.last,
            chain.link
        );
        if chain.after_checkpoint > 0 {
            say!(
                "  the last {} came after the last checkpoint: if more were removed from the end, nothing would show",
                chain.after_checkpoint
            );
        }
    }
    say!("{} checkpoints", report.checkpoints.count);
    if report.verified {
        say!("the audit verifies");
    }
    for problem in report.problems.iter().skip(1) {
        say!("{}", plain(&problem.message));
    }
}
