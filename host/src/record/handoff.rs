//! One batch at a time from the collector to the writer's thread.
//!
//! A slot and the thread's own parking: the thread is woken with no lock held.
//! A standard channel wakes the receiver while it holds a lock that the
//! receiver takes next, which on one core costs two more switches for each
//! batch.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use super::message::Batch;

#[derive(Default)]
struct Slot {
    batch: Mutex<Option<Batch>>,
    closed: AtomicBool,
    thread: OnceLock<Thread>,
}

impl Slot {
    fn wake(&self) {
        if let Some(thread) = self.thread.get() {
            thread.unpark();
        }
    }
}

/// The collector's end. Dropped, it ends the thread.
pub(super) struct Giver(Arc<Slot>);

/// The thread's end.
pub(super) struct Taker(Arc<Slot>);

/// Why there is no batch.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NoBatch {
    /// The time is over.
    Timeout,
    /// There will be none any more.
    Closed,
}

/// Both ends.
pub(super) fn handoff() -> (Giver, Taker) {
    let slot = Arc::new(Slot::default());
    (Giver(Arc::clone(&slot)), Taker(slot))
}

impl Giver {
    /// Hands `batch` over. The thread must have given the one before back.
    pub(super) fn give(&self, batch: Batch) {
        *self.0.batch.lock().unwrap_or_else(PoisonError::into_inner) = Some(batch);
        self.0.wake();
    }
}

impl Drop for Giver {
    fn drop(&mut self) {
        self.0.closed.store(true, Ordering::Release);
        self.0.wake();
    }
}

impl Taker {
    /// Waits for the next batch, at most until `until`.
    pub(super) fn take(&self, until: Option<Instant>) -> Result<Batch, NoBatch> {
        // Before the slot is looked at: who fills it afterwards finds the thread.
        self.0.thread.get_or_init(thread::current);
        loop {
            // Read first: a batch that came before the close is still taken.
            let closed = self.0.closed.load(Ordering::Acquire);
            let batch = self
                .0
                .batch
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take();
            if let Some(batch) = batch {
                return Ok(batch);
            }
            if closed {
                return Err(NoBatch::Closed);
            }
            match until.map(|until| until.saturating_duration_since(Instant::now())) {
                None => thread::park(),
                Some(Duration::ZERO) => return Err(NoBatch::Timeout),
                Some(left) => thread::park_timeout(left),
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_batch_arrives_and_the_last_one_before_the_close() {
        let (giver, taker) = handoff();
        let (back, given_back) = std::sync::mpsc::channel();
        let thread = thread::spawn(move || {
            let mut seen = 0;
            loop {
                match taker.take(None) {
                    Ok(batch) => {
                        seen += 1;
                        back.send(batch.last).unwrap();
                    }
                    Err(error) => return (seen, error),
                }
            }
        });
        for number in 1..=10_000 {
            giver.give(Batch {
                last: number == 10_000,
                ..Batch::default()
            });
            assert_eq!(given_back.recv().unwrap(), number == 10_000);
        }
        drop(giver);
        assert_eq!(thread.join().unwrap(), (10_000, NoBatch::Closed));
    }

    #[test]
    fn a_wait_ends_in_time() {
        let (giver, taker) = handoff();
        let until = Instant::now() + Duration::from_millis(5);
        assert_eq!(taker.take(Some(until)).unwrap_err(), NoBatch::Timeout);
        drop(giver);
        assert_eq!(taker.take(Some(until)).unwrap_err(), NoBatch::Closed);
    }
}
