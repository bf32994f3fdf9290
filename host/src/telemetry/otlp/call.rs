//! What is told of a call when it has ended. No text of a request or an answer,
//! and no key, has a field here.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::traceparent::TraceParent;

/// A call that has ended.
#[derive(Clone, Debug)]
pub struct CallEnded {
    /// The caller's span.
    pub parent: Option<TraceParent>,
    /// When it was admitted; microseconds since the Unix epoch.
    pub began_us: i64,
    /// From then to the first attempt, microseconds.
    pub before_dispatch_us: i64,
    /// From then to its end, microseconds.
    pub latency_us: i64,
    /// `req_…`.
    pub request_id: String,
    /// `inf_…`, where a provider was to be called.
    pub inference_id: Option<String>,
    /// Whose agent called.
    pub tenant: String,
    /// Which agent called.
    pub agent: String,
    /// The path that was called.
    pub route: &'static str,
    /// Who chose the offer.
    pub router: &'static str,
    /// Whether the answer was to be streamed.
    pub stream: bool,
    /// The model name as sent.
    pub requested: String,
    /// The most tokens that were wanted back.
    pub max_tokens: Option<u64>,
    /// The active generation.
    pub generation: Option<i64>,
    /// The floor.
    pub floor: Option<f64>,
    /// How it ended.
    pub outcome: &'static str,
    /// Why, where it did not succeed.
    pub reason: Option<Cow<'static, str>>,
    /// Whether the gateway or a provider is at fault, and not the client.
    pub fault: bool,
    /// The HTTP status that the client got.
    pub http_status: Option<u16>,
    /// The offer that answered, or that was named and failed.
    pub offer: Option<Arc<str>>,
    /// The tries of offers, in their order.
    pub attempts: Vec<AttemptEnded>,
    /// Input tokens, cached ones included.
    pub input_tokens: Option<u64>,
    /// Output tokens.
    pub output_tokens: Option<u64>,
    /// Input tokens read from the provider's cache.
    pub cache_read_tokens: Option<u64>,
    /// Input tokens written to it.
    pub cache_write_tokens: Option<u64>,
    /// Where the tokens are from.
    pub usage_source: Option<&'static str>,
    /// What they cost, 1e-9 USD.
    pub cost_nanousd: Option<i64>,
    /// From admission to the first event, microseconds.
    pub first_token_us: Option<i64>,
    /// Why the model stopped.
    pub stop_reason: Option<String>,
    /// The provider's id of the request.
    pub upstream_request_id: Option<String>,
}

/// A try of an offer.
#[derive(Clone, Debug)]
pub struct AttemptEnded {
    /// The offer.
    pub offer: Arc<str>,
    /// What came of it.
    pub outcome: &'static str,
    /// The provider's HTTP status.
    pub http_status: Option<u16>,
    /// Microseconds until that: to the first event of a stream.
    pub latency_us: i64,
}

impl AttemptEnded {
    /// Whether the provider answered.
    pub(super) fn answered(&self) -> bool {
        self.outcome == "ok"
    }

    /// Whether the provider was not called at all.
    pub(super) fn skipped(&self) -> bool {
        self.outcome == "skipped_open"
    }

    /// Why it failed: its status where that is why.
    pub(super) fn error(&self) -> Option<Cow<'static, str>> {
        match self.http_status {
            _ if self.answered() => None,
            Some(status) if self.outcome == "status" => Some(status.to_string().into()),
            _ => Some(self.outcome.into()),
        }
    }
}

/// From when to when an attempt took, in microseconds from admission.
pub(super) type Extent = (i64, i64);

impl CallEnded {
    /// Why it is an error, if it is one.
    pub(super) fn error(&self) -> Option<Cow<'static, str>> {
        let reason = || self.reason.clone().unwrap_or(self.outcome.into());
        self.fault.then(reason)
    }

    /// The attempts, each with its extent. One follows the other; a stream that
    /// was answered goes on until the call ends.
    pub(super) fn attempts(&self) -> impl Iterator<Item = (&AttemptEnded, Extent)> {
        let mut at = self.before_dispatch_us;
        self.attempts.iter().map(move |attempt| {
            let from = at;
            at += attempt.latency_us;
            let streamed = self.stream && attempt.answered();
            (
                attempt,
                (
                    from,
                    if streamed {
                        self.latency_us.max(at)
                    } else {
                        at
                    },
                ),
            )
        })
    }

    /// Why the answer of `attempt` is an error: it failed, or broke in the
    /// middle.
    pub(super) fn error_of(&self, attempt: &AttemptEnded) -> Option<Cow<'static, str>> {
        match attempt.error() {
            None if self.outcome == "interrupted" => self.error(),
            error => error,
        }
    }

    /// The moment `us` microseconds after admission.
    pub(super) fn moment(&self, us: i64) -> SystemTime {
        let us = u64::try_from(self.began_us.saturating_add(us)).unwrap_or(0);
        SystemTime::UNIX_EPOCH + Duration::from_micros(us)
    }
}

/// Microseconds as seconds.
#[allow(clippy::cast_precision_loss)]
pub(super) fn seconds(us: i64) -> f64 {
    us as f64 / 1e6
}

/// An offer's provider and model.
pub(super) fn offer(id: &str) -> (&str, &str) {
    let (model, provider) = id.split_once('@').unwrap_or((id, ""));
    (provider, model)
}
