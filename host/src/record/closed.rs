//! What is kept of a call while it runs, and when it ends.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Serialize;

use super::claim::Kept;
use super::words::{Status, UsageSource};

/// Tokens, as far as they are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Input tokens that were not read from or written to a cache.
    pub input_tokens: Option<u64>,
    /// Output tokens.
    pub output_tokens: Option<u64>,
    /// Input tokens read from the provider's cache.
    pub cache_read_tokens: Option<u64>,
    /// Input tokens written to it.
    pub cache_write_tokens: Option<u64>,
}

/// One try of one offer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attempt {
    /// The offer.
    pub offer: Arc<str>,
    /// What came of it: `ok`, `skipped_open`, `connect_error`, `timeout`, `status`, …
    pub outcome: &'static str,
    /// The provider's HTTP status, where it answered with one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
    /// Microseconds until that.
    pub latency_us: i64,
}

/// What is known of a running call. If it ends by itself, this is recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// The offer that answers.
    pub offer: Option<Arc<str>>,
    /// Every try so far.
    pub attempts: Vec<Attempt>,
    /// Tokens so far.
    pub usage: Usage,
    /// Where they are from.
    pub usage_source: Option<UsageSource>,
    /// What they cost, in 1e-9 USD.
    pub cost_nanousd: Option<i64>,
    /// Microseconds from admission to the provider's first event.
    pub first_token_us: Option<i64>,
    /// Why the model stopped.
    pub stop_reason: Option<String>,
    /// The HTTP status that the client gets.
    pub http_status: Option<u16>,
    /// The provider's request id.
    pub upstream_request_id: Option<String>,
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// In a word.
    pub status: Status,
    /// Why, where it did not succeed: a code, never text of a prompt.
    pub reason: Option<Cow<'static, str>>,
    /// Compact JSON: the candidate that came nearest, where none was left.
    pub nearest_miss: Option<String>,
}

impl Outcome {
    /// An answer that is whole.
    #[must_use]
    pub fn succeeded() -> Self {
        Self {
            status: Status::Succeeded,
            reason: None,
            nearest_miss: None,
        }
    }

    /// Any other end.
    #[must_use]
    pub fn because(status: Status, reason: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            reason: Some(reason.into()),
            nearest_miss: None,
        }
    }
}

/// The end of a call, as recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// Microseconds since the Unix epoch.
    pub at_us: i64,
    /// Microseconds since admission; none if nobody was there to count.
    pub latency_us: Option<i64>,
    /// How it ended.
    pub outcome: Outcome,
    /// What was known of it by then.
    pub progress: Progress,
    /// What is charged for it, in 1e-9 USD; none releases what was held.
    pub charged_nanousd: Option<i64>,
    /// The answer that its idempotency key keeps; without one the key is free.
    pub kept: Option<Kept>,
}
