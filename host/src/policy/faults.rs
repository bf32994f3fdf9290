//! Faults of the active set, counted until they roll it back.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::sandbox::Fault;

/// Faults on this many distinct inputs within [`WINDOW`] roll a set back. More
/// than one, so that a client cannot force it with one odd string.
pub const THRESHOLD: usize = 3;
/// See [`THRESHOLD`].
pub const WINDOW: Duration = Duration::from_secs(60);

/// The recent faults of one generation. Locked only where a fault happened.
pub struct FaultLog {
    seen: Mutex<Seen>,
    hasher: RandomState,
}

#[derive(Default)]
struct Seen {
    inputs: HashMap<u64, Instant>,
    total: u64,
    raised: bool,
}

/// What one more fault means.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Decide this call by the last good set; nothing else.
    Contain,
    /// The same, and roll the set back. Said once for each generation.
    RollBack,
}

impl FaultLog {
    /// An empty log.
    #[must_use]
    pub fn new() -> Self {
        Self {
            seen: Mutex::default(),
            hasher: RandomState::new(),
        }
    }

    /// Takes note of `fault` on `input` at `now`.
    pub fn note(&self, fault: &Fault, input: &str, now: Instant) -> Verdict {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.total += 1;
        if !fault.counts() {
            return Verdict::Contain;
        }
        seen.inputs
            .retain(|_, at| now.saturating_duration_since(*at) < WINDOW);
        if seen.inputs.len() < THRESHOLD {
            seen.inputs.insert(self.hasher.hash_one(input), now);
        }
        if seen.raised || seen.inputs.len() < THRESHOLD {
            return Verdict::Contain;
        }
        seen.raised = true;
        Verdict::RollBack
    }

    /// All faults since activation, missed deadlines included.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .total
    }

    /// Whether the generation was found to be bad.
    #[must_use]
    pub fn raised(&self) -> bool {
        self.seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .raised
    }
}

impl Default for FaultLog {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trap() -> Fault {
        Fault::Trap("unreachable".into())
    }

    #[test]
    fn one_odd_string_never_rolls_back() {
        let (log, now) = (FaultLog::new(), Instant::now());
        for _ in 0..1_000 {
            assert_eq!(log.note(&trap(), "odd", now), Verdict::Contain);
        }
        assert_eq!(log.total(), 1_000);
    }

    #[test]
    fn distinct_inputs_within_a_minute_roll_back_once() {
        let (log, now) = (FaultLog::new(), Instant::now());
        assert_eq!(log.note(&trap(), "a", now), Verdict::Contain);
        assert_eq!(log.note(&trap(), "b", now), Verdict::Contain);
        assert_eq!(log.note(&trap(), "c", now), Verdict::RollBack);
        assert_eq!(log.note(&trap(), "d", now), Verdict::Contain);
    }

    #[test]
    fn old_faults_and_missed_deadlines_do_not_count() {
        let (log, now) = (FaultLog::new(), Instant::now());
        log.note(&trap(), "a", now);
        log.note(&trap(), "b", now);
        assert_eq!(log.note(&trap(), "c", now + WINDOW), Verdict::Contain);
        for input in ["d", "e", "f", "g"] {
            assert_eq!(
                log.note(&Fault::Deadline, input, now + WINDOW),
                Verdict::Contain
            );
        }
    }
}
