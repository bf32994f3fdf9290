//! Time to be spent, which comes back by the minute.

use std::time::{Duration, Instant};

const MINUTE: Duration = Duration::from_secs(60);

/// What one author has left of the time that they may use in a minute.
///
/// A run is let in while anything is left, and pays afterwards: it may take more
/// than there is, and the next one waits for the debt.
#[derive(Debug)]
pub(super) struct Purse {
    /// What it holds when it is full.
    full: Duration,
    /// What is missing, at `at`; more than `full` is debt.
    missing: Duration,
    at: Instant,
}

impl Purse {
    /// A full one.
    pub(super) fn new(full: Duration, now: Instant) -> Self {
        Self {
            full,
            missing: Duration::ZERO,
            at: now,
        }
    }

    /// How long until something is in it; none where something is.
    pub(super) fn wait(&mut self, now: Instant) -> Option<Duration> {
        self.refill(now);
        let debt = self.missing.checked_sub(self.full)?;
        let share = self.full.as_secs_f64() / MINUTE.as_secs_f64();
        let wait = Duration::try_from_secs_f64(debt.as_secs_f64() / share);
        Some(wait.unwrap_or(MINUTE).max(Duration::from_millis(1)))
    }

    /// Takes `time` out.
    pub(super) fn pay(&mut self, time: Duration, now: Instant) {
        self.refill(now);
        self.missing = self.missing.saturating_add(time);
    }

    fn refill(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.at);
        let share = self.full.as_secs_f64() / MINUTE.as_secs_f64();
        self.missing = self.missing.saturating_sub(passed.mul_f64(share));
        self.at = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn it_lets_in_while_anything_is_left_and_then_waits_for_the_debt() {
        let start = Instant::now();
        let mut purse = Purse::new(30 * SECOND, start);
        assert_eq!(purse.wait(start), None);
        purse.pay(29 * SECOND, start);
        assert_eq!(purse.wait(start), None, "a second is left");
        purse.pay(11 * SECOND, start);
        assert_eq!(purse.wait(start), Some(20 * SECOND), "10 s at half speed");
        assert_eq!(purse.wait(start + 10 * SECOND), Some(10 * SECOND));
        assert_eq!(purse.wait(start + 21 * SECOND), None);
    }

    #[test]
    fn it_is_never_fuller_than_full() {
        let start = Instant::now();
        let mut purse = Purse::new(30 * SECOND, start);
        let later = start + 3600 * SECOND;
        purse.pay(30 * SECOND, later);
        assert!(purse.wait(later).is_some());
        assert_eq!(purse.wait(later + SECOND), None);
    }
}
