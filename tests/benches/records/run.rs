//! A run: every gateway in turns, so that a ratio's two sides met the same machine.

use std::process::Stdio;

use serde::Serialize;

use crate::error::BenchError;
use crate::load::Measured;
use crate::pinned::{self, Cores, Running};
use crate::settings::KEY;
use crate::ways::{Kind, Way, Ways};

/// The concurrencies that are measured.
pub const CONCURRENCY: [usize; 4] = [1, 16, 64, 256];

/// The length of a run, and what is compared.
#[derive(Debug, Clone, Serialize, clap::Args)]
pub struct Plan {
    /// Rounds. Each visits every gateway at every concurrency once.
    #[arg(long, default_value_t = 7)]
    pub rounds: usize,
    /// Milliseconds measured in one visit.
    #[arg(long, default_value_t = 1000)]
    pub measured: u64,
    /// Milliseconds before them that are not measured.
    #[arg(long, default_value_t = 300)]
    pub warm_up: u64,
    /// Calls that a database holds before the first; give it twice to compare two sizes.
    #[arg(long, default_values_t = [10_000])]
    pub rows: Vec<u64>,
    /// Measure on PostgreSQL too; a server of its own is started.
    #[arg(long)]
    pub postgres: bool,
}

impl Plan {
    /// The gateways of the run.
    pub fn ways(&self) -> Vec<Way> {
        let kinds = [Kind::Sqlite, Kind::Postgres];
        let on = kinds
            .into_iter()
            .filter(|kind| *kind == Kind::Sqlite || self.postgres)
            .flat_map(|kind| self.rows.iter().map(move |rows| Way { kind, rows: *rows }));
        std::iter::once(Way::OFF).chain(on).collect()
    }
}

/// One visit of one gateway.
#[derive(Debug, Clone, Serialize)]
pub struct Visit {
    /// Counted from 0.
    pub round: usize,
    /// Connections, each with one call at a time.
    pub concurrency: usize,
    /// Which gateway.
    pub way: Way,
    /// What the load saw.
    #[serde(flatten)]
    pub measured: Measured,
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
}

/// Starts the gateways and visits each of them at every concurrency in every round.
pub fn run(plan: &Plan) -> Result<Run, BenchError> {
    let cores = Cores::choose();
    let ways = Ways::start(plan, cores)?;
    let mut visits = Vec::new();
    for round in 0..plan.rounds {
        eprintln!("round {} of {}", round + 1, plan.rounds);
        for concurrency in CONCURRENCY {
            let mut order: Vec<_> = ways.all().collect();
            // None always comes after the same other one.
            let turn = round % order.len();
            order.rotate_left(turn);
            for (way, process) in order {
                let measured = visit(plan, cores, concurrency, way, process)?;
                visits.push(Visit {
                    round,
                    concurrency,
                    way,
                    measured,
                });
            }
        }
    }
    Ok(Run {
        plan: plan.clone(),
        cores,
        visits,
    })
}

/// Lets the load call one gateway for one visit's time.
fn visit(
    plan: &Plan,
    cores: Cores,
    concurrency: usize,
    way: Way,
    process: &Running,
) -> Result<Measured, BenchError> {
    let this = std::env::current_exe().map_err(BenchError::io("find this program"))?;
    let output = pinned::command(cores.harness, &this)
        .args(["load", "--key", KEY, "--prompt", "answer"])
        .args(["--target", process.url.trim_start_matches("http://")])
        .args(["--concurrency", &concurrency.to_string()])
        .args(["--warm-up", &plan.warm_up.to_string()])
        .args(["--measured", &plan.measured.to_string()])
        .stderr(Stdio::inherit())
        .output()
        .map_err(BenchError::io("start the load"))?;
    let bad = |words: String| BenchError::NoAnswer {
        way: if way == Way::OFF {
            "the gateway without records"
        } else {
            "a gateway"
        },
        words,
    };
    if !output.status.success() {
        return Err(bad("the load stopped; its error is above".to_owned()));
    }
    let measured: Measured = serde_json::from_slice(&output.stdout)?;
    if measured.calls == 0 || measured.failed > 0 {
        let words = measured.first_failure;
        return Err(bad(words.unwrap_or_else(|| "none came in time".to_owned())));
    }
    Ok(measured)
}
