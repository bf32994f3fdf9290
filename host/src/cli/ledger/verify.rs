//! `ainfera ledger verify`.

use crate::cli::audit::WhereArgs;
use crate::cli::failure::Failure;
use crate::cli::show::{json, plain, say};
use crate::ledger::{Report, verify};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct VerifyArgs {
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: WhereArgs,
}

pub(super) async fn run(args: &VerifyArgs) -> Result<(), Failure> {
    let store = args.place.open().await?;
    let report = verify(&store).await.map_err(Failure::unusable)?;
    if args.json {
        json(&serde_json::to_value(&report)?)?;
    } else {
        show(&report);
    }
    match report.problems.first() {
        None => Ok(()),
        Some(first) => Err(Failure::refused(&first.first)),
    }
}

/// For people. What is wrong first is said by the failure.
fn show(report: &Report) {
    say!(
        "{} calls, {} of them pending; {} top-ups; {} accounts; {} days of agents; {} amounts in the audit",
        report.calls,
        report.pending,
        report.top_ups,
        report.accounts,
        report.days,
        report.audit_events
    );
    if report.verified {
        say!("the books balance");
    }
    for problem in &report.problems {
        let more = match problem.count {
            1 => String::new(),
            count => format!(" (the first of {count})"),
        };
        say!("wrong: {}{more}", plain(&problem.first));
    }
}
