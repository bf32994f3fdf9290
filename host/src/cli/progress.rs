//! How far a long command is.

use std::time::{Duration, Instant};

/// Between two words.
const PAUSE: Duration = Duration::from_secs(2);

/// Says so on stderr now and then; a short command says nothing.
pub(super) struct Progress {
    said: Instant,
    done: &'static str,
}

impl Progress {
    /// Says how many decisions are `done`.
    pub(super) fn new(done: &'static str) -> Self {
        Self {
            said: Instant::now(),
            done,
        }
    }

    pub(super) fn at(&mut self, count: u64) {
        if self.said.elapsed() >= PAUSE {
            self.said = Instant::now();
            eprintln!("{count} decisions {}", self.done);
        }
    }
}
