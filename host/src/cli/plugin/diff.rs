//! `ainfera plugin diff`: how two components of one slot answer differently.

use std::ops::ControlFlow;
use std::path::PathBuf;

use super::found;
use crate::cli::failure::Failure;
use crate::cli::progress::Progress;
use crate::cli::show::{self, plain, say};
use crate::lifecycle::diff::{Difference, Said, compare};
use crate::lifecycle::report::LeverChange;

#[derive(Debug, clap::Args)]
pub struct DiffArgs {
    /// The first component, or the folder of its project
    #[arg(value_name = "A")]
    a: PathBuf,
    /// The second
    #[arg(value_name = "B")]
    b: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &DiffArgs) -> Result<(), Failure> {
    let engine = found::engine()?;
    let a = found::component(&engine, &args.a)?;
    let b = found::component(&engine, &args.b)?;
    let mut progress = Progress::new("questions");
    let diff = compare(&a, &b, |done, all| {
        progress.of(done, all);
        ControlFlow::Continue(())
    })
    .map_err(Failure::refused)?;
    if args.json {
        return show::json(&serde_json::to_value(&diff)?);
    }
    say!("{} {} → {}", diff.slot, diff.a, diff.b);
    say!("levers");
    if diff.levers.is_empty() {
        say!("  none differs");
    }
    for LeverChange {
        lever,
        before,
        after,
        ..
    } in &diff.levers
    {
        let shown = |value: &Option<String>| value.as_deref().map_or("none".into(), plain);
        say!(
            "  {:<24} {} → {}",
            plain(lever),
            shown(before),
            shown(after)
        );
    }
    say!("answers: {} of {} differ", diff.different, diff.asked);
    for Difference { question, a, b } in &diff.examples {
        say!("  {question}  {} → {}", said(a), said(b));
    }
    let more = diff.different - diff.examples.len() as u64;
    if more > 0 {
        say!("  and {more} more");
    }
    Ok(())
}

fn said(said: &Said) -> String {
    plain(&match said {
        Said::Answer(answer) => serde_json::to_string(answer).unwrap_or_default(),
        Said::Fault(why) => format!("fault: {why}"),
    })
}
