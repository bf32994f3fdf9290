//! The report as text.

use std::fmt::{Display, Formatter, Result};

use crate::answer::TOKENS;
use crate::plan::CELLS;
use crate::prompt::Prompt;
use crate::report::{Figures, Report};
use crate::verdict::{Target, Verdict};

/// A report to be read by people.
pub struct Text<'a>(pub &'a Report);

impl Display for Text<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        self.set_up(f)?;
        self.table(f)?;
        self.tokens(f)?;
        self.memory(f)?;
        self.open(f)?;
        self.records(f)?;
        self.targets(f)
    }
}

impl Text<'_> {
    fn set_up(&self, f: &mut Formatter<'_>) -> Result {
        let run = &self.0.run;
        match (run.cores.measured, run.cores.harness) {
            (Some(measured), Some(harness)) => {
                writeln!(
                    f,
                    "gateway or proxy on core {measured}, upstream and load on core {harness};"
                )?;
            }
            _ => writeln!(f, "NOT PINNED (that needs taskset and two cores);")?,
        }
        let (rounds, measured) = (run.plan.rounds, run.plan.measured);
        writeln!(
            f,
            "medians of {rounds} rounds, {measured} ms each, the ways in turns"
        )
    }

    fn table(&self, f: &mut Formatter<'_>) -> Result {
        for cell in CELLS {
            let title = format!("{}, {} at a time", cell.prompt.name(), cell.concurrency);
            writeln!(
                f,
                "\n{title:<22}{:>10}{:>10}{:>10}{:>12}{:>11}{:>7}{:>8}",
                "calls/s", "p50 µs", "p99 µs", "1st byte µs", "cpu µs", "core", "failed"
            )?;
            for line in self.0.figures.iter().filter(|line| line.cell == cell) {
                self.line(f, line)?;
            }
        }
        let failures = self.0.run.visits.iter();
        let first = failures
            .filter_map(|visit| visit.measured.first_failure.as_ref())
            .next();
        first.map_or(Ok(()), |words| {
            writeln!(f, "\nfirst failed answer: {words}")
        })
    }

    fn line(&self, f: &mut Formatter<'_>, line: &Figures) -> Result {
        writeln!(
            f,
            "  {:<20}{:>10.0}{:>10.0}{:>10.0}{:>12.0}{:>11.1}{:>6.0}%{:>8}",
            line.way.name(),
            line.rate,
            line.p50_us,
            line.p99_us,
            line.first_us,
            line.processor_us,
            line.busy * 100.0,
            line.failed
        )
    }

    fn memory(&self, f: &mut Formatter<'_>) -> Result {
        writeln!(
            f,
            "\n{:<22}{:>10}{:>14}{:>15}{:>14}{:>10}{:>12}",
            "memory, MB", "idle", "of it shared", "idle, not file", "under load", "after", "peak"
        )?;
        for memory in &self.0.run.memory {
            let idle = memory.idle;
            let shared = idle.resident_kib.saturating_sub(idle.proportional_kib);
            writeln!(
                f,
                "  {:<20}{:>10.1}{:>14.1}{:>15.1}{:>14.1}{:>10.1}{:>12.1}",
                memory.way.name(),
                mb(idle.resident_kib),
                mb(shared),
                mb(idle.anonymous_kib),
                mb(memory.loaded_kib),
                mb(memory.after.resident_kib),
                mb(memory.after.peak_kib),
            )?;
        }
        Ok(())
    }

    fn tokens(&self, f: &mut Formatter<'_>) -> Result {
        writeln!(
            f,
            "\n{:<22}{:>12}{:>14}",
            "long streams", "tokens/s", "cpu µs/token"
        )?;
        let lines = self.0.figures.iter();
        let long =
            |line: &&Figures| matches!(line.cell.prompt, Prompt::Tokens | Prompt::Translated);
        for line in lines.filter(long) {
            writeln!(
                f,
                "  {:<20}{:>12.0}{:>14.2}",
                format!("{}, {}", line.cell.prompt.name(), line.way.name()),
                line.rate * TOKENS as f64,
                line.processor_us / TOKENS as f64
            )?;
        }
        Ok(())
    }

    fn open(&self, f: &mut Formatter<'_>) -> Result {
        writeln!(
            f,
            "\n{:<22}{:>10}{:>12}",
            "open streams", "streams", "KiB each"
        )?;
        for held in &self.0.run.open {
            let (way, streams) = (held.way.name(), held.streams);
            writeln!(f, "  {way:<20}{streams:>10}{:>12.1}", held.each_kib)?;
        }
        Ok(())
    }

    fn records(&self, f: &mut Formatter<'_>) -> Result {
        match self.0.run.records {
            Some(records) => writeln!(
                f,
                "\nrecords: {} calls answered, {} rows opened, {} closed",
                records.calls, records.opened, records.closed
            ),
            None if self.0.run.plan.baseline => Ok(()),
            None => writeln!(f, "\nrecords: no database could be read"),
        }
    }

    fn targets(&self, f: &mut Formatter<'_>) -> Result {
        if self.0.targets.is_empty() {
            return Ok(());
        }
        writeln!(
            f,
            "\ntargets (median of the rounds' own ratios; lowest and highest)"
        )?;
        for verdict in &self.0.targets {
            target(f, verdict)?;
        }
        Ok(())
    }
}

fn target(f: &mut Formatter<'_>, verdict: &Verdict) -> Result {
    let Verdict {
        name,
        value,
        low,
        high,
        ..
    } = verdict;
    let bound = match verdict.target {
        Target::AtMost(limit) => format!("≤ {limit}"),
        Target::AtLeast(limit) => format!("≥ {limit}"),
    };
    let met = if verdict.met { "met" } else { "MISSED" };
    writeln!(
        f,
        "  {name:<48}{value:>7.2}  ({low:.2} to {high:.2}){bound:>8}  {met}"
    )
}

fn mb(kib: u64) -> f64 {
    kib as f64 * 1024.0 / 1e6
}
