//! `ainfera plugin bench`: what an evaluation takes, each in a fresh sandbox,
//! over the whole grid.

use std::path::PathBuf;

use serde::Serialize;

use super::found;
use crate::cli::failure::Failure;
use crate::cli::progress::Progress;
use crate::cli::show::{self, say};
use crate::lifecycle::evaluate::evaluate;
use crate::lifecycle::questions::questions;
use crate::lifecycle::spread::Spread;
use crate::policy::Slot;
use crate::store::Digest;

/// Evaluations that make a 99th percentile worth reading.
const LEAST: usize = 2_000;

#[derive(Debug, clap::Args)]
pub struct BenchArgs {
    /// The component, or the folder of its project
    #[arg(value_name = "PATH", default_value = ".")]
    path: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What the evaluations took.
#[derive(Serialize)]
struct Bench {
    slot: Slot,
    digest: Digest,
    evaluations: usize,
    /// Nanoseconds on the clock.
    time_ns: Spread,
    fuel: Spread,
    /// Bytes.
    memory: Spread,
}

pub(super) fn run(args: &BenchArgs) -> Result<(), Failure> {
    let engine = found::engine()?;
    let component = found::component(&engine, &args.path)?;
    let questions = questions(component.slot(), &[&component]).map_err(Failure::refused)?;
    let rounds = LEAST.div_ceil(questions.len().max(1));
    let all = rounds * questions.len();
    let (mut times, mut fuel, mut memory) = (Vec::new(), Vec::new(), Vec::new());
    let mut progress = Progress::new("evaluations");
    for question in questions.iter().cycle().take(all) {
        let answered = evaluate(&component, question)
            .map_err(|error| Failure::refused(format!("{question}: {error}")))?;
        times.push(u64::try_from(answered.time.as_nanos()).unwrap_or(u64::MAX));
        fuel.push(answered.fuel);
        memory.push(answered.memory as u64);
        progress.of(times.len() as u64, all as u64);
    }
    let bench = Bench {
        slot: component.slot(),
        digest: component.digest(),
        evaluations: all,
        time_ns: Spread::of(times),
        fuel: Spread::of(fuel),
        memory: Spread::of(memory),
    };
    if args.json {
        return show::json(&serde_json::to_value(&bench)?);
    }
    say!("{} {}", bench.slot, bench.digest);
    say!("{all} evaluations over the whole grid, each in a fresh sandbox");
    say!("{:<14} {:>12} {:>12} {:>12}", "", "p50", "p99", "max");
    let Spread { p50, p99, max } = bench.time_ns;
    let [p50, p99, max] = [p50, p99, max].map(|nanos| nanos as f64 / 1_000.0);
    say!("{:<14} {p50:>12.1} {p99:>12.1} {max:>12.1}", "time, µs");
    for (what, Spread { p50, p99, max }) in [("fuel", bench.fuel), ("memory, bytes", bench.memory)]
    {
        say!("{what:<14} {p50:>12} {p99:>12} {max:>12}");
    }
    Ok(())
}
