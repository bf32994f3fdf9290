//! A run: every way in turns, so that a ratio's two sides met the same machine.

use std::process::Stdio;
use std::time::Duration;

use serde::Serialize;

use crate::error::BenchError;
use crate::held::{self, Held};
use crate::load::Measured;
use crate::pinned::{self, Cores};
use crate::plan::{CELLS, Cell, Plan};
use crate::procfs::{self, Memory};
use crate::records::{self, Records};
use crate::settings::KEY;
use crate::ways::{Way, Ways};

/// How long processes are left alone before their idle memory is read, and after the last round.
const SETTLE: Duration = Duration::from_secs(2);

/// One visit of one way.
#[derive(Debug, Clone, Serialize)]
pub struct Visit {
    /// Counted from 0.
    pub round: usize,
    /// What was asked for.
    pub cell: Cell,
    /// Over which way.
    pub way: Way,
    /// What the load saw.
    #[serde(flatten)]
    pub measured: Measured,
    /// Processor time of the way's process for one call, in microseconds.
    pub processor_us: f64,
    /// Share of the core's time it used.
    pub busy: f64,
}

/// A process's memory over the run.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct MemoryOf {
    /// Whose.
    pub way: Way,
    /// Started, not yet called.
    pub idle: Memory,
    /// The most that was resident at the end of a visit, in kibibytes.
    pub loaded_kib: u64,
    /// Left alone after the last round. Its peak is the whole run's.
    pub after: Memory,
}

/// All that a run saw.
#[derive(Debug, Serialize)]
pub struct Run {
    /// What was asked for.
    pub plan: Plan,
    /// Where it ran.
    pub cores: Cores,
    /// Every visit, in the order they were made.
    pub visits: Vec<Visit>,
    /// Of the proxy and the gateway.
    pub memory: Vec<MemoryOf>,
    /// What open streams take, of the proxy and the gateway.
    pub open: Vec<Held>,
    /// The gateway's rows, if there is a gateway and its database can be read.
    pub records: Option<Records>,
}

/// Starts the ways and visits each of them for every figure in every round.
pub fn run(plan: &Plan) -> Result<Run, BenchError> {
    let cores = Cores::choose();
    let ways = Ways::start(plan, cores)?;
    std::thread::sleep(SETTLE);
    let mut memory: Vec<MemoryOf> = memory_now(&ways);
    // Before the rounds, whose freed memory would be used again.
    let open = held::open(&ways, plan)?;
    let mut visits = Vec::new();
    for round in 0..plan.rounds {
        eprintln!("round {} of {}", round + 1, plan.rounds);
        for cell in CELLS {
            let mut order: Vec<Way> = ways.all().collect();
            // No way always comes after the same other one.
            let turn = round % order.len();
            order.rotate_left(turn);
            for way in order {
                let visit = visit(&ways, plan, cores, round, cell, way)?;
                visits.push(visit);
                note_loaded(&mut memory, &ways);
            }
        }
    }
    std::thread::sleep(SETTLE);
    for (of, now) in memory.iter_mut().zip(memory_now(&ways)) {
        of.after = now.idle;
    }
    let through_gateway = visits.iter().filter(|visit| visit.way == Way::Gateway);
    let answered: u64 = through_gateway.map(|visit| visit.measured.calls).sum();
    let held = open.iter().filter(|held| held.way == Way::Gateway);
    let calls = answered + held.map(|held| held.streams as u64).sum::<u64>();
    let records = (calls > 0)
        .then(|| records::count(&ways.data(), calls))
        .flatten();
    Ok(Run {
        plan: plan.clone(),
        cores,
        visits,
        memory,
        open,
        records,
    })
}

/// Lets the load call one way for one visit's time.
fn visit(
    ways: &Ways,
    plan: &Plan,
    cores: Cores,
    round: usize,
    cell: Cell,
    way: Way,
) -> Result<Visit, BenchError> {
    let silent = || BenchError::NoAnswer {
        way: way.name(),
        words: "it does not run".to_owned(),
    };
    let process = ways.process(way).ok_or_else(silent)?;
    let this = std::env::current_exe().map_err(BenchError::io("find this program"))?;
    let prompt = clap::ValueEnum::to_possible_value(&cell.prompt);
    let prompt = prompt
        .map(|value| value.get_name().to_owned())
        .unwrap_or_default();
    let before = procfs::processor_seconds(process.id());
    let output = pinned::command(cores.harness, &this)
        .args(["load", "--key", KEY, "--prompt", &prompt])
        .args(["--target", process.url.trim_start_matches("http://")])
        .args(["--concurrency", &cell.concurrency.to_string()])
        .args(["--warm-up", &plan.warm_up.to_string()])
        .args(["--measured", &plan.measured.to_string()])
        .stderr(Stdio::inherit())
        .output()
        .map_err(BenchError::io("start the load"))?;
    let used = procfs::processor_seconds(process.id()) - before;
    if !output.status.success() {
        let words = "the load stopped; its error is above".to_owned();
        return Err(BenchError::NoAnswer {
            way: way.name(),
            words,
        });
    }
    let measured: Measured = serde_json::from_slice(&output.stdout)?;
    if measured.calls == 0 {
        let words = measured
            .first_failure
            .unwrap_or_else(|| "none came in time".to_owned());
        return Err(BenchError::NoAnswer {
            way: way.name(),
            words,
        });
    }
    Ok(Visit {
        round,
        cell,
        way,
        processor_us: used * 1e6 / measured.calls as f64,
        busy: used / measured.seconds,
        measured,
    })
}

/// The memory of the processes that are measured, as if the run ended now.
fn memory_now(ways: &Ways) -> Vec<MemoryOf> {
    let measured = ways.all().filter(|way| *way != Way::Direct);
    measured
        .filter_map(|way| {
            let idle = Memory::of(ways.process(way)?.id());
            Some(MemoryOf {
                way,
                idle,
                loaded_kib: 0,
                after: idle,
            })
        })
        .collect()
}

/// Keeps the largest resident size seen.
fn note_loaded(memory: &mut [MemoryOf], ways: &Ways) {
    for of in memory {
        let now = ways
            .process(of.way)
            .map(|process| procfs::resident_kib(process.id()));
        of.loaded_kib = of.loaded_kib.max(now.unwrap_or_default());
    }
}
