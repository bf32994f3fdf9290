//! How far a long command is.

use std::time::{Duration, Instant};

/// Between two words.
const PAUSE: Duration = Duration::from_secs(2);

/// Says so on stderr now and then; a short command says nothing.
pub(super) struct Progress {
    said: Instant,
    what: &'static str,
}

impl Progress {
    /// Counts `what`, such as `decisions verified`.
    pub(super) fn new(what: &'static str) -> Self {
        Self {
            said: Instant::now(),
            what,
        }
    }

    /// `count` are done, of nobody knows how many.
    pub(super) fn at(&mut self, count: u64) {
        if self.due() {
            eprintln!("{count} {}", self.what);
        }
    }

    /// `done` of `all` are done.
    pub(super) fn of(&mut self, done: u64, all: u64) {
        if self.due() {
            eprintln!("{done} of {all} {}", self.what);
        }
    }

    fn due(&mut self) -> bool {
        let due = self.said.elapsed() >= PAUSE;
        if due {
            self.said = Instant::now();
        }
        due
    }
}
