//! The report as text. A miss is printed, never an error: the machine may be busy.

use std::fmt::{Display, Formatter, Result};

use crate::prompt::Prompt;
use crate::run::{CONCURRENCY, Run, Visit};
use crate::stats::{median, range};
use crate::ways::{Kind, Way};

/// The share of the rate without records that is left with them, on SQLite at 64.
const RATE: f64 = 0.7;
/// What records may add to the 99th percentile there, in microseconds.
const ADDED_P99: f64 = 2000.0;

/// A run to be read by people.
pub struct Text<'a>(pub &'a Run);

impl Display for Text<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let plan = &self.0.plan;
        writeln!(
            f,
            "medians of {} rounds, {} ms each, the gateways in turns",
            plan.rounds, plan.measured
        )?;
        for concurrency in CONCURRENCY {
            let title = format!("{}, {concurrency} at a time", Prompt::Answer.name());
            writeln!(
                f,
                "\n{title:<28}{:>10}{:>10}{:>10}{:>24}{:>14}",
                "calls/s", "p50 µs", "p99 µs", "rate / records off", "p99 added µs"
            )?;
            for way in plan.ways() {
                self.line(f, concurrency, way)?;
            }
        }
        self.targets(f)
    }
}

impl Text<'_> {
    fn line(&self, f: &mut Formatter<'_>, concurrency: usize, way: Way) -> Result {
        let of = |value: fn(&Visit) -> f64| {
            let visits = self.0.visits.iter();
            let visits = visits.filter(|v| v.concurrency == concurrency && v.way == way);
            median(visits.map(value))
        };
        let shares = self.ratios(concurrency, way);
        let (low, high) = range(&shares);
        let share = median(shares.iter().copied());
        let added = median(self.added(concurrency, way));
        writeln!(
            f,
            "  {:<26}{:>10.0}{:>10.0}{:>10.0}{:>24}{:>14.0}",
            way.name(),
            of(|visit| visit.measured.rate),
            of(|visit| visit.measured.p50_us),
            of(|visit| visit.measured.p99_us),
            format!("{share:.2} ({low:.2} to {high:.2})"),
            added
        )
    }

    fn targets(&self, f: &mut Formatter<'_>) -> Result {
        writeln!(f, "\ntargets, SQLite, 64 at a time")?;
        let word = |met| if met { "met" } else { "MISSED" };
        for way in self.0.plan.ways() {
            if way.kind != Kind::Sqlite {
                continue;
            }
            let share = median(self.ratios(64, way));
            let added = median(self.added(64, way));
            writeln!(
                f,
                "  {:<26} rate {share:.2}, ≥ {RATE}: {}; p99 added {added:.0} µs, ≤ {ADDED_P99}: {}",
                way.name(),
                word(share >= RATE),
                word(added <= ADDED_P99)
            )?;
        }
        Ok(())
    }

    /// For each round, the rate over that of the gateway without records.
    fn ratios(&self, concurrency: usize, way: Way) -> Vec<f64> {
        self.in_each_round(concurrency, way, |off, on| {
            on.measured.rate / off.measured.rate
        })
    }

    /// For each round, the 99th percentile less that of the gateway without records.
    fn added(&self, concurrency: usize, way: Way) -> Vec<f64> {
        self.in_each_round(concurrency, way, |off, on| {
            on.measured.p99_us - off.measured.p99_us
        })
    }

    fn in_each_round(
        &self,
        concurrency: usize,
        way: Way,
        of: impl Fn(&Visit, &Visit) -> f64,
    ) -> Vec<f64> {
        let find = |round, way| {
            let mut visits = self.0.visits.iter();
            visits.find(|v| v.round == round && v.concurrency == concurrency && v.way == way)
        };
        (0..self.0.plan.rounds)
            .filter_map(|round| Some(of(find(round, Way::OFF)?, find(round, way)?)))
            .collect()
    }
}
