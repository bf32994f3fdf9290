//! A run's figures: the median over its rounds of everything that was measured.

use serde::Serialize;

use crate::error::BenchError;
use crate::plan::{CELLS, Cell};
use crate::run::{Run, Visit};
use crate::stats::median;
use crate::verdict::{Verdict, verdicts};
use crate::ways::Way;

/// What is printed.
#[derive(Serialize)]
pub struct Report {
    /// The medians.
    pub figures: Vec<Figures>,
    /// The targets and what was reached.
    pub targets: Vec<Verdict>,
    /// All that was measured.
    #[serde(flatten)]
    pub run: Run,
}

/// One line of the table: medians over the rounds.
#[derive(Serialize)]
pub struct Figures {
    /// What was asked for.
    pub cell: Cell,
    /// Over which way.
    pub way: Way,
    /// Good answers in a second.
    pub rate: f64,
    /// Time to the end of an answer in microseconds.
    pub p50_us: f64,
    /// Its 99th percentile.
    pub p99_us: f64,
    /// Time to the first byte of a body in microseconds.
    pub first_us: f64,
    /// Processor time of the way's process for one call in microseconds.
    pub processor_us: f64,
    /// Share of the core's time that process used.
    pub busy: f64,
    /// Other answers than good ones, in all rounds.
    pub failed: u64,
}

impl Report {
    /// Sums a run up.
    pub fn of(run: Run) -> Self {
        let ways = [Way::Direct, Way::Proxy, Way::Gateway];
        let lines = CELLS
            .into_iter()
            .flat_map(|cell| ways.map(|way| (cell, way)));
        Self {
            figures: lines
                .filter_map(|(cell, way)| Figures::of(&run, cell, way))
                .collect(),
            targets: verdicts(&run),
            run,
        }
    }

    /// The report as JSON, every visit included.
    pub fn json(&self) -> Result<String, BenchError> {
        Ok(serde_json::to_string_pretty(self)?)
    }
}

impl Figures {
    /// `None` if this way was not visited.
    fn of(run: &Run, cell: Cell, way: Way) -> Option<Self> {
        let visits = || {
            run.visits
                .iter()
                .filter(|visit| visit.cell == cell && visit.way == way)
        };
        visits().next()?;
        let median = |value: fn(&Visit) -> f64| median(visits().map(value));
        Some(Self {
            cell,
            way,
            rate: median(|visit| visit.measured.rate),
            p50_us: median(|visit| visit.measured.p50_us),
            p99_us: median(|visit| visit.measured.p99_us),
            first_us: median(|visit| visit.measured.first_us),
            processor_us: median(|visit| visit.processor_us),
            busy: median(|visit| visit.busy),
            failed: visits().map(|visit| visit.measured.failed).sum(),
        })
    }
}
