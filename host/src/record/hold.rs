//! What one call reserves before it is made, and is charged when it ends.

use super::closed::{Outcome, Progress};
use super::words::Status;

/// The microseconds of a day.
const DAY_US: i64 = 86_400_000_000;

/// The most that one call is held, or charged, for: 100,000 USD in 1e-9 USD.
/// More is a mistake of a catalog, and sums of it could overflow.
pub const MOST_NANOUSD: i64 = 100_000_000_000_000;

/// The UTC day of a time in microseconds since the Unix epoch, counted from it.
#[must_use]
pub fn day_of(at_us: i64) -> i64 {
    at_us.div_euclid(DAY_US)
}

/// What is charged for a call that ended so: what it cost, once a provider
/// `began` to answer; none where nothing is, and its hold is released.
#[must_use]
pub fn charge(status: Status, began: bool, cost_nanousd: Option<i64>) -> Option<i64> {
    let used = match status {
        Status::Succeeded | Status::Interrupted => true,
        Status::Cancelled => began,
        Status::RejectedFloor | Status::Refused | Status::Failed | Status::Abandoned => false,
    };
    used.then(|| cost_nanousd.unwrap_or(0).clamp(0, MOST_NANOUSD))
}

/// What is reserved for a call before it is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hold {
    /// How much, in 1e-9 USD.
    pub nanousd: i64,
    /// How far below 0 the tenant's available money may fall; none is any.
    pub credit_limit: Option<i64>,
    /// What the agent's calls of a UTC day may cost together; none is any.
    pub day_cap: Option<i64>,
}

impl Hold {
    /// A hold of so much, and by what it is limited.
    #[must_use]
    pub fn new(nanousd: i64, credit_limit: Option<i64>, day_cap: Option<i64>) -> Self {
        Self {
            nanousd: nanousd.clamp(0, MOST_NANOUSD),
            credit_limit,
            day_cap,
        }
    }
}

/// Why a call is not made: there is no money for it. In 1e-9 USD.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Shortfall {
    /// The tenant's.
    #[error("the call may cost more than what the tenant has left")]
    Funds {
        /// What would have to be held.
        needed: i64,
        /// What could be.
        left: i64,
    },
    /// The agent's of the day.
    #[error("the call may cost more than what the agent has left of the day's cap")]
    DayCap {
        /// What would have to be held.
        needed: i64,
        /// What could be.
        left: i64,
    },
}

impl Shortfall {
    /// Its name in the records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Funds { .. } => "insufficient_funds",
            Self::DayCap { .. } => "cap_exceeded",
        }
    }

    /// How a call ends that is not made because of it.
    pub(super) fn end(self) -> (Outcome, Progress) {
        let progress = Progress {
            http_status: Some(402),
            ..Progress::default()
        };
        (Outcome::because(Status::Refused, self.name()), progress)
    }
}
