//! The record of every call: one row when it opens, one when it closes, and an
//! audit event for each, committed in groups by one writer.

mod claim;
mod closed;
mod collector;
mod committer;
mod guard;
mod handoff;
mod hold;
mod ledger;
mod lock;
mod message;
mod metrics;
mod opened;
mod postgres;
mod rows;
mod session;
mod shared;
mod sqlite;
mod start;
mod sweep;
mod traced;
mod words;
mod writer;

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
mod tests;

pub mod audit;
pub mod key;

pub use claim::{Claim, Kept};
pub use closed::{Attempt, Closed, Outcome, Progress, Usage};
pub use guard::OpenCall;
pub use hold::{Hold, MOST_NANOUSD, Shortfall, charge, day_of};
pub use key::{Key, KeyMint};
pub use metrics::Metrics;
pub use opened::Opened;
pub use shared::RecordsStats;
pub use start::{RecordsConfig, StartError};
pub use words::{Router, Status, UsageSource};
pub use writer::Records;

/// Why a call could not be recorded. Then it must not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordsUnavailable {
    /// The database does not take writes: gone, full, or locked for too long.
    #[error("the records database does not take writes; calls are refused until it does")]
    Database,
    /// As many calls are open as may be.
    #[error("too many calls are open; try again when some have ended")]
    Full,
    /// The database refused this row alone.
    #[error("the database refused the record of this call")]
    Refused,
    /// The writer has stopped.
    #[error("the records are closed: the gateway is stopping")]
    Stopped,
}

/// Why a call was not opened. Then it must not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotOpened {
    /// It could not be recorded.
    #[error(transparent)]
    Unavailable(#[from] RecordsUnavailable),
    /// There is no money for it. It is recorded, as refused.
    #[error(transparent)]
    Short(#[from] Shortfall),
    /// Another call has its idempotency key. It is not recorded.
    #[error("another call has the idempotency key")]
    Claimed,
}
