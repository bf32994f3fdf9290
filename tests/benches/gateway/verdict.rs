//! The targets. A miss is printed, never an error: the machine may be busy with other things.

use serde::Serialize;

use crate::plan::{Cell, cell};
use crate::prompt::Prompt;
use crate::run::{Run, Visit};
use crate::stats::{median, range};
use crate::ways::Way;

/// A target beside what was reached.
#[derive(Serialize)]
pub struct Verdict {
    /// What is compared.
    pub name: &'static str,
    /// The median over the rounds of the ratio within each round.
    pub value: f64,
    /// The lowest ratio of a round.
    pub low: f64,
    /// The highest.
    pub high: f64,
    /// What it should keep to.
    pub target: Target,
    /// Whether it does.
    pub met: bool,
}

/// The side a value should stay on.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// This or less.
    AtMost(f64),
    /// This or more.
    AtLeast(f64),
}

impl Verdict {
    /// Judges the values of the rounds. `None` without values.
    fn of(name: &'static str, target: Target, rounds: &[f64]) -> Option<Self> {
        rounds.first()?;
        let value = median(rounds.iter().copied());
        let (low, high) = range(rounds);
        let met = match target {
            Target::AtMost(limit) => value <= limit,
            Target::AtLeast(limit) => value >= limit,
        };
        Some(Self {
            name,
            value,
            low,
            high,
            target,
            met,
        })
    }
}

/// Every target that the run has figures for; none without the gateway.
pub fn verdicts(run: &Run) -> Vec<Verdict> {
    let p50 = |visit: &Visit| visit.measured.p50_us;
    let first = |visit: &Visit| visit.measured.first_us;
    let idle = run
        .memory
        .iter()
        .filter(|memory| memory.way == Way::Gateway);
    let idle: Vec<f64> = idle
        .map(|memory| memory.idle.resident_kib as f64 * 1024.0 / 1e6)
        .collect();
    let open = run.open.iter().filter(|open| open.way == Way::Gateway);
    let open: Vec<f64> = open.map(|open| open.each_kib).collect();
    [
        Verdict::of(
            "answer, 1 at a time: added p50 / the proxy's",
            Target::AtMost(1.5),
            &added(run, cell(Prompt::Answer, 1), p50),
        ),
        Verdict::of(
            "stream, 1 at a time: added p50 / the proxy's",
            Target::AtMost(1.5),
            &added(run, cell(Prompt::Stream, 1), p50),
        ),
        Verdict::of(
            "stream: added time to first byte / the proxy's",
            Target::AtMost(1.2),
            &added(run, cell(Prompt::FirstByte, 1), first),
        ),
        Verdict::of(
            "answer, 64 at a time: calls/s / the proxy's",
            Target::AtLeast(0.7),
            &rates(run, cell(Prompt::Answer, 64)),
        ),
        Verdict::of(
            "stream, 64 at a time: calls/s / the proxy's",
            Target::AtLeast(0.7),
            &rates(run, cell(Prompt::Stream, 64)),
        ),
        Verdict::of(
            "tokens, same dialect: tokens/s / the proxy's",
            Target::AtLeast(0.6),
            &rates(run, cell(Prompt::Tokens, 16)),
        ),
        Verdict::of(
            "tokens, translated: tokens/s / the proxy's",
            Target::AtLeast(0.3),
            &rates(run, cell(Prompt::Translated, 16)),
        ),
        Verdict::of(
            "memory of an open stream, in KiB",
            Target::AtMost(64.0),
            &open,
        ),
        Verdict::of("idle memory, resident, in MB", Target::AtMost(60.0), &idle),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// For each round, what the gateway adds to the direct way over what the proxy adds.
fn added(run: &Run, cell: Cell, time: fn(&Visit) -> f64) -> Vec<f64> {
    in_each_round(run, cell, |direct, proxy, gateway| {
        (time(gateway) - time(direct)) / (time(proxy) - time(direct))
    })
}

/// For each round, the gateway's rate over the proxy's.
fn rates(run: &Run, cell: Cell) -> Vec<f64> {
    in_each_round(run, cell, |_, proxy, gateway| {
        gateway.measured.rate / proxy.measured.rate
    })
}

/// A ratio of one round's visits, for each round that has all three.
fn in_each_round(run: &Run, cell: Cell, ratio: impl Fn(&Visit, &Visit, &Visit) -> f64) -> Vec<f64> {
    let find = |round, way| {
        run.visits
            .iter()
            .find(|visit| visit.round == round && visit.cell == cell && visit.way == way)
    };
    (0..run.plan.rounds)
        .filter_map(|round| {
            let direct = find(round, Way::Direct)?;
            let proxy = find(round, Way::Proxy)?;
            Some(ratio(direct, proxy, find(round, Way::Gateway)?))
        })
        .collect()
}
