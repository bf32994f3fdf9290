//! Live calls, told to a set that decides them beside the active one. The
//! snapshot of a call has it, so that a call without a shadow reads a pointer
//! that it has at hand, and an activation, which is a new snapshot, ends it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use crate::store::calls::Inputs;

/// Calls that wait to be decided; more are skipped.
const QUEUE: usize = 1_024;
/// Digits of a sample after the point.
const SCALE: u32 = 6;
/// 2^64 divided by the golden ratio: its multiples are spread evenly over the
/// numbers of 64 bits, whatever rhythm calls have.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// The part of the calls that is taken: a decimal above 0 and at most 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample(Decimal);

/// Why a value is no [`Sample`].
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "the sample {0} is not above 0 and at most 1 with at most six digits after the point; write it like 0.1"
)]
pub struct BadSample(Decimal);

impl Sample {
    /// Every call.
    pub const ALL: Self = Self(Decimal::ONE);

    /// Takes `part` as a sample.
    ///
    /// # Errors
    /// If it is no part, or too precise.
    pub fn new(part: Decimal) -> Result<Self, BadSample> {
        let fits = part > Decimal::ZERO && part <= Decimal::ONE && part.scale() <= SCALE;
        fits.then_some(Self(part)).ok_or(BadSample(part))
    }

    /// The decimal.
    #[must_use]
    pub fn get(self) -> Decimal {
        self.0
    }

    /// The numbers of 64 bits up to this one are that part of all.
    fn threshold(self) -> u64 {
        let one = 10_u64.pow(SCALE);
        let parts = (self.0 * Decimal::from(one)).to_u64().unwrap_or(one);
        let scaled = u128::from(u64::MAX) * u128::from(parts) / u128::from(one);
        u64::try_from(scaled).unwrap_or(u64::MAX)
    }
}

/// What became of the calls.
#[derive(Debug, Default)]
pub struct Counts {
    seen: AtomicU64,
    sampled: AtomicU64,
    skipped: AtomicU64,
    same: AtomicU64,
    different: AtomicU64,
}

/// [`Counts`] at a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Routed calls for which an offer was looked for.
    pub seen: u64,
    /// Those that were taken to be decided by the other set.
    pub sampled: u64,
    /// Those that would have been taken, had the queue not been full.
    pub skipped: u64,
    /// Those of the taken that came out the same.
    pub same: u64,
    /// Those of the taken that came out differently.
    pub different: u64,
}

impl Counts {
    /// At this moment.
    #[must_use]
    pub fn read(&self) -> Counted {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Counted {
            seen: read(&self.seen),
            sampled: read(&self.sampled),
            skipped: read(&self.skipped),
            same: read(&self.same),
            different: read(&self.different),
        }
    }

    /// Takes note of a call that was decided by both sets.
    pub fn decided(&self, different: bool) {
        let count = if different {
            &self.different
        } else {
            &self.same
        };
        count.fetch_add(1, Ordering::Relaxed);
    }
}

/// Where calls are told. Dropped, the receiver comes to its end.
#[derive(Debug)]
pub struct Shadow {
    threshold: u64,
    calls: SyncSender<Inputs>,
    counts: Arc<Counts>,
}

impl Shadow {
    /// A shadow of a part of the calls, and where these come out.
    #[must_use]
    pub fn new(sample: Sample) -> (Self, Receiver<Inputs>) {
        let (calls, told) = sync_channel(QUEUE);
        let shadow = Self {
            threshold: sample.threshold(),
            calls,
            counts: Arc::default(),
        };
        (shadow, told)
    }

    /// What is counted.
    #[must_use]
    pub fn counts(&self) -> &Arc<Counts> {
        &self.counts
    }

    /// Tells a call, if it is one of the sample and there is room; never waits.
    pub fn tell(&self, call: impl FnOnce() -> Inputs) {
        let number = self.counts.seen.fetch_add(1, Ordering::Relaxed);
        if number.wrapping_mul(GOLDEN) > self.threshold {
            return;
        }
        let count = match self.calls.try_send(call()) {
            Ok(()) => &self.counts.sampled,
            Err(_) => &self.counts.skipped,
        };
        count.fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn sample(text: &str) -> Result<Sample, BadSample> {
        Sample::new(text.parse().unwrap())
    }

    #[test]
    fn a_sample_is_a_part() {
        for text in ["1", "0.5", "0.000001", "1.0"] {
            assert!(sample(text).is_ok(), "{text}");
        }
        for text in ["0", "-0.1", "1.01", "0.0000001"] {
            assert!(sample(text).is_err(), "{text}");
        }
    }

    #[test]
    fn that_part_of_the_calls_is_taken() {
        for (text, expected) in [("1", 1_000), ("0.5", 500), ("0.01", 10)] {
            let (shadow, told) = Shadow::new(sample(text).unwrap());
            for _ in 0..1_000 {
                shadow.tell(Inputs::default);
            }
            drop(shadow);
            let taken = told.iter().count();
            assert!(taken.abs_diff(expected) <= 2, "{text}: {taken}");
        }
    }

    #[test]
    fn a_full_queue_skips_and_counts() {
        let (shadow, told) = Shadow::new(Sample::ALL);
        for _ in 0..QUEUE + 3 {
            shadow.tell(Inputs::default);
        }
        let full = shadow.counts().read();
        assert_eq!((full.sampled, full.skipped), (1_024, 3));
        drop(told);
        shadow.tell(Inputs::default);
        let counted = shadow.counts().read();
        assert_eq!((counted.seen, counted.skipped), (1_028, 4));
    }
}
