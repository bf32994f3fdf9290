//! Recorded decisions, decided again by two policy sets: what a change would
//! have changed.
//!
//! It needs the records alone: a row has its candidates before the floor, with
//! quality and estimate, so that no catalog is read.

mod basis;
mod counting;
mod found;
mod outcome;
mod replayer;
mod window;

pub use found::{
    Breakdown, Chosen, Compared, Example, Flow, OfAgent, Pinned, Replay, Shown, Tally,
};
pub use outcome::Refused;
pub use replayer::Replayer;
pub use window::{LATEST, MOST, Window};

pub(super) use basis::Basis;
pub(super) use counting::{Counting, Pair};
pub(super) use outcome::Outcome;

use super::background;
use super::error::Internal;
use crate::policy::PolicySet;
use crate::store::Store;
use crate::store::history::History;

/// Decides the decisions of `window` again, by `before` and by `after`, off the
/// runtime's threads. Whoever wants what was recorded last flushes the records
/// first.
///
/// # Errors
/// If the database does not answer.
pub async fn replay(
    store: &Store,
    window: &Window,
    before: &PolicySet,
    after: &PolicySet,
) -> Result<Replay, Internal> {
    let mut history = History::open(store, window.bounded()).await?;
    let mut replayer = Replayer::new(before, after);
    loop {
        let page = history.inputs().await?;
        if page.is_empty() {
            return Ok(replayer.finish());
        }
        let work = move || {
            page.iter().for_each(|inputs| replayer.add(inputs));
            replayer
        };
        replayer = background::run(work).await?;
    }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
mod tests;
