//! Which recorded decisions are decided again.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::store::{RequestId, history};

/// Decisions that are taken where nothing else is said.
pub const LATEST: u32 = 10_000;
/// The most that are taken.
pub const MOST: u32 = 1_000_000;

/// Which recorded decisions: the latest 10,000 where nothing is said; at most
/// 1,000,000. By the window that a report names it can be made again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// Only so many, the latest ones; 10,000 unless `first` is given.
    #[schema(example = 10_000, maximum = 1_000_000)]
    pub latest: Option<u32>,
    /// Admitted at this time or later: microseconds since the Unix epoch.
    pub since_us: Option<i64>,
    /// Admitted before this time: microseconds since the Unix epoch.
    pub until_us: Option<i64>,
    /// Not before this request, `req_…`.
    #[schema(value_type = Option<String>)]
    pub first: Option<RequestId>,
    /// Not after this request, `req_…`.
    #[schema(value_type = Option<String>)]
    pub last: Option<RequestId>,
}

impl Window {
    /// As the store takes it.
    #[must_use]
    pub fn bounded(&self) -> history::Window {
        let otherwise = if self.first.is_some() { MOST } else { LATEST };
        history::Window {
            since_us: self.since_us,
            until_us: self.until_us,
            first: self.first.map(|id| id.0),
            last: self.last.map(|id| id.0),
            latest: Some(self.latest.unwrap_or(otherwise).min(MOST)),
        }
    }
}
