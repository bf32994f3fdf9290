//! The report as text. A miss is printed, never an error: the machine may be busy.

use std::fmt::{self, Display, Formatter};
use std::time::Duration;

use crate::Plan;
use crate::cycles::Memory;

/// One upload beside traffic.
pub struct Upload {
    /// Its size.
    pub bytes: usize,
    /// From its first byte to `verified`.
    pub verified: Duration,
    /// The same, to the proposal with its replay.
    pub proposed: Duration,
    /// How long calls took meanwhile.
    pub times: Vec<Duration>,
}

/// All that was measured.
pub struct Report {
    plan: Plan,
    pub steady: Vec<Duration>,
    pub lean: Vec<Upload>,
    pub interpreted: Vec<Upload>,
    pub swap_us: Vec<u64>,
    pub swapping: Vec<Duration>,
    pub activated_us: Vec<u64>,
    pub memory: Option<Memory>,
    pub read_ns: Option<(f64, f64)>,
}

impl Report {
    /// Nothing yet.
    pub fn new(plan: &Plan) -> Self {
        Self {
            plan: plan.clone(),
            steady: Vec::new(),
            lean: Vec::new(),
            interpreted: Vec::new(),
            swap_us: Vec::new(),
            swapping: Vec::new(),
            activated_us: Vec::new(),
            memory: None,
            read_ns: None,
        }
    }

    fn uploads(&self, f: &mut Formatter<'_>, uploads: &[Upload], most: f64) -> fmt::Result {
        let Some(largest) = uploads.iter().map(|upload| upload.bytes).max() else {
            return Ok(());
        };
        let seconds = |time: fn(&Upload) -> Duration| {
            let mut times: Vec<_> = uploads.iter().map(|u| time(u).as_secs_f64()).collect();
            times.sort_by(f64::total_cmp);
            (at(&times, 0.5), at(&times, 1.0))
        };
        let (verified, _) = seconds(|upload| upload.verified);
        let (proposed, worst) = seconds(|upload| upload.proposed);
        writeln!(f, "{} uploads of {largest} bytes", uploads.len())?;
        writeln!(f, "  verified after          {verified:.2} s")?;
        writeln!(
            f,
            "  proposed after          {proposed:.2} s, at most {worst:.2} s; ≤ {most} s: {}",
            word(proposed <= most)
        )?;
        let times: Vec<_> = uploads.iter().flat_map(|u| u.times.clone()).collect();
        self.against_steady(f, &times, 1.2)
    }

    fn against_steady(&self, f: &mut Formatter<'_>, times: &[Duration], most: f64) -> fmt::Result {
        let (now, steady) = (p99_ms(times), p99_ms(&self.steady));
        writeln!(
            f,
            "  traffic's p99 meanwhile {now:.2} ms, {:.2} × the steady {steady:.2} ms; ≤ {most}: {}",
            now / steady,
            word(now <= most * steady)
        )
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Plan {
            decisions, rate, ..
        } = self.plan;
        writeln!(
            f,
            "{rate} calls a second beside; a proposal decides {decisions} recorded decisions again\n"
        )?;
        self.uploads(f, &self.lean, 1.5)?;
        self.uploads(f, &self.interpreted, 20.0)?;
        let ms = |times: &[u64], share| {
            let mut times: Vec<f64> = times.iter().map(|us| *us as f64 / 1000.0).collect();
            times.sort_by(f64::total_cmp);
            at(&times, share)
        };
        let (median, most) = (ms(&self.activated_us, 0.5), ms(&self.activated_us, 1.0));
        writeln!(
            f,
            "authorized to active: {median:.1} ms, at most {most:.1} ms; ≤ 20 ms: {}",
            word(most <= 20.0)
        )?;
        if let Some((alone, swapped)) = self.read_ns {
            writeln!(
                f,
                "reading the active set: {alone:.1} ns, {swapped:.1} ns while it is swapped all the time; ≤ 20 ns: {}",
                word(alone <= 20.0)
            )?;
        }
        let swaps = self.swap_us.len();
        writeln!(f, "{swaps} swaps, each {:.1} ms", ms(&self.swap_us, 0.5))?;
        self.against_steady(f, &self.swapping, 1.1)?;
        if let Some(Memory { settled, most, end }) = self.memory {
            writeln!(
                f,
                "{} uploads, activations and rollbacks: {settled:.0} MiB after a fifth, at most {most:.0} MiB, {end:.0} MiB at the end; flat (≤ 1.1 ×): {}",
                self.plan.cycles,
                word(end <= 1.1 * settled)
            )?;
        }
        Ok(())
    }
}

fn word(met: bool) -> &'static str {
    if met { "met" } else { "MISSED" }
}

fn p99_ms(times: &[Duration]) -> f64 {
    let mut ms: Vec<_> = times.iter().map(|time| time.as_secs_f64() * 1e3).collect();
    ms.sort_by(f64::total_cmp);
    at(&ms, 0.99)
}

/// The value below which `share` of the sorted ones lie; NaN without any.
fn at(sorted: &[f64], share: f64) -> f64 {
    let last = sorted.len().saturating_sub(1) as f64;
    let place = (last * share).round() as usize;
    sorted.get(place).copied().unwrap_or(f64::NAN)
}
