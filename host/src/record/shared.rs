//! What the writer tells everyone.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, AtomicUsize, Ordering};

use super::NotOpened;
use super::message::{Batch, Rows};
use super::metrics::Metrics;
use super::opened::Opened;
use super::traced::Traced;
use crate::telemetry::otlp::Otlp;

/// Counters of the writer since its start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RecordsStats {
    /// Calls opened, refused ones included.
    pub opened: u64,
    /// Calls closed, refused ones included.
    pub closed: u64,
    /// Commits. Writes are `opened + closed`; their quotient is the group.
    pub commits: u64,
    /// Calls that are open now.
    pub pending: i64,
    /// Closes that wait for the database to come back.
    pub kept: usize,
    /// Whether the database takes writes.
    pub available: bool,
}

/// Written by the writer, read by everyone.
#[derive(Debug, Default)]
pub(super) struct Shared {
    failing: AtomicBool,
    opened: AtomicU64,
    closed: AtomicU64,
    commits: AtomicU64,
    pending: AtomicI64,
    kept: AtomicUsize,
    /// Whether calls that end by themselves are cut by the gateway's stop.
    cut: AtomicBool,
    /// What is counted for `/metrics`.
    pub(super) metrics: Metrics,
    /// Where the ends of calls are told.
    pub(super) otlp: Otlp,
}

impl Shared {
    pub(super) fn new(otlp: Otlp) -> Self {
        Self {
            otlp,
            ..Self::default()
        }
    }

    /// What of `opened` is told when it has ended; none where nobody is told.
    pub(super) fn traced(&self, opened: &Opened) -> Option<Traced> {
        self.otlp.is_on().then(|| Traced::of(opened))
    }

    pub(super) fn failing(&self) -> bool {
        self.failing.load(Ordering::Relaxed)
    }

    /// The database failed. Answers whether it did before.
    pub(super) fn fail(&self) -> bool {
        self.failing.swap(true, Ordering::Relaxed)
    }

    /// The database takes writes. Answers whether it did not.
    pub(super) fn recover(&self) -> bool {
        self.failing.swap(false, Ordering::Relaxed)
    }

    /// From now on it is not the client that ends a call.
    pub(super) fn cut(&self) {
        self.cut.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_cut(&self) -> bool {
        self.cut.load(Ordering::Relaxed)
    }

    pub(super) fn kept(&self, count: usize) {
        self.kept.store(count, Ordering::Relaxed);
    }

    pub(super) fn pending(&self) -> i64 {
        self.pending.load(Ordering::Relaxed)
    }

    /// A call is under way.
    pub(super) fn begun(&self) {
        self.pending.fetch_add(1, Ordering::Relaxed);
    }

    /// Its close is queued, or there is none to come.
    pub(super) fn over(&self) {
        self.pending.fetch_sub(1, Ordering::Relaxed);
    }

    /// Counts a batch that was committed.
    pub(super) fn committed(&self, batch: &Batch) {
        let (mut opened, mut closed) = (0u32, 0u32);
        for (write, result) in batch.writes.iter().zip(&batch.results) {
            if let Err(NotOpened::Unavailable(_) | NotOpened::Claimed) = result {
                continue;
            }
            match write.rows {
                Rows::Opened(_) => opened += 1,
                Rows::Closed { .. } => closed += 1,
                Rows::Refused(..) => {
                    opened += 1;
                    closed += 1;
                }
            }
        }
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.opened.fetch_add(opened.into(), Ordering::Relaxed);
        self.closed.fetch_add(closed.into(), Ordering::Relaxed);
    }

    pub(super) fn stats(&self) -> RecordsStats {
        RecordsStats {
            opened: self.opened.load(Ordering::Relaxed),
            closed: self.closed.load(Ordering::Relaxed),
            commits: self.commits.load(Ordering::Relaxed),
            pending: self.pending(),
            kept: self.kept.load(Ordering::Relaxed),
            available: !self.failing(),
        }
    }
}
