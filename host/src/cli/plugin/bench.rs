//! `ainfera plugin bench`: what an evaluation takes, each in a fresh sandbox,
//! over the whole grid.

use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;

use super::found;
use crate::cli::failure::Failure;
use crate::cli::progress::Progress;
use crate::cli::show::{self, say};
use crate::lifecycle::evaluate::evaluate;
use crate::lifecycle::questions::questions;
use crate::policy::Slot;
use crate::store::Digest;

/// Evaluations that make a 99th percentile worth reading.
const LEAST: usize = 2_000;

#[derive(Debug, clap::Args)]
pub(super) struct BenchArgs {
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
    /// Microseconds.
    time_us: Spread<f64>,
    fuel: Spread<u64>,
    /// Bytes.
    memory: Spread<u64>,
}

/// Half take at most `p50`, 99 of 100 at most `p99`.
#[derive(Serialize)]
struct Spread<T> {
    p50: T,
    p99: T,
    max: T,
}

impl<T: Copy + Default + PartialOrd> Spread<T> {
    fn of(mut all: Vec<T>) -> Self {
        all.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
        // The nearest rank.
        let at = |percent: usize| {
            let rank = (all.len() * percent).div_ceil(100);
            all.get(rank.saturating_sub(1)).copied().unwrap_or_default()
        };
        Self {
            p50: at(50),
            p99: at(99),
            max: at(100),
        }
    }
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
        times.push(micros(answered.time));
        fuel.push(answered.fuel);
        memory.push(answered.memory as u64);
        progress.of(times.len() as u64, all as u64);
    }
    let bench = Bench {
        slot: component.slot(),
        digest: component.digest(),
        evaluations: all,
        time_us: Spread::of(times),
        fuel: Spread::of(fuel),
        memory: Spread::of(memory),
    };
    if args.json {
        return show::json(&serde_json::to_value(&bench)?);
    }
    say!("{} {}", bench.slot, bench.digest);
    say!("{all} evaluations over the whole grid, each in a fresh sandbox");
    say!("{:<14} {:>12} {:>12} {:>12}", "", "p50", "p99", "max");
    let Spread { p50, p99, max } = bench.time_us;
    say!("{:<14} {p50:>12.1} {p99:>12.1} {max:>12.1}", "time, µs");
    for (what, Spread { p50, p99, max }) in [("fuel", bench.fuel), ("memory, bytes", bench.memory)]
    {
        say!("{what:<14} {p50:>12} {p99:>12} {max:>12}");
    }
    Ok(())
}

/// With a tenth: a lean guest takes few.
fn micros(time: Duration) -> f64 {
    (time.as_secs_f64() * 10_000_000.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_the_nearest_rank() {
        let spread = Spread::of((1..=200_u64).rev().collect());
        assert_eq!((spread.p50, spread.p99, spread.max), (100, 198, 200));
        let one = Spread::of(vec![7_u64]);
        assert_eq!((one.p50, one.p99, one.max), (7, 7, 7));
    }
}
