//! The attempts: candidates in order, until one answers.
//!
//! Nothing reaches the client before a candidate's first event that is not an
//! error; after it there is no fallback.

use std::sync::Arc;
use std::time::Instant;

use super::decide::Candidate;
use crate::catalog::Offer;
use crate::provider::{Answer, Call, Failure, FailureKind, Providers};
use crate::record::Attempt;

/// No candidate answered.
#[derive(Debug)]
pub enum Exhausted {
    /// A provider found the request itself at fault.
    Stopped(Failure),
    /// All said 429; the shortest of their `retry-after`, in seconds.
    RateLimited(Option<u64>),
    /// All took too long.
    TimedOut,
    /// The request cannot be put into any candidate's protocol.
    Untranslatable(Failure),
    /// All failed, each in its way.
    AllFailed,
}

/// Tries `order`, telling `note` of each attempt.
///
/// # Errors
/// If none answered.
pub async fn dispatch(
    providers: &Providers,
    order: &[Candidate],
    call: &Call<'_>,
    mut note: impl FnMut(Attempt),
) -> Result<(Arc<Offer>, Answer), Exhausted> {
    let mut failures = Vec::new();
    for candidate in order {
        match attempt(providers, &candidate.offer, call, &mut note).await {
            Ok(answer) => return Ok((Arc::clone(&candidate.offer), answer)),
            Err(failure) if !failure.moves_on() => return Err(Exhausted::Stopped(failure)),
            Err(failure) => failures.push(failure),
        }
    }
    Err(verdict(failures))
}

/// Calls `offer` once, telling `note` of it.
///
/// # Errors
/// If it did not answer.
pub async fn attempt(
    providers: &Providers,
    offer: &Offer,
    call: &Call<'_>,
    note: &mut impl FnMut(Attempt),
) -> Result<Answer, Failure> {
    let began = Instant::now();
    let result = providers.call(offer, call).await;
    let (outcome, http_status) = match &result {
        Ok(_) => ("ok", None),
        Err(failure) => (failure.kind.name(), failure.status),
    };
    let latency_us = i64::try_from(began.elapsed().as_micros()).unwrap_or(i64::MAX);
    note(Attempt {
        offer: Arc::clone(&offer.id),
        outcome,
        http_status,
        latency_us,
    });
    if result.is_err() {
        // Not the provider's words: they may repeat a prompt or a key.
        tracing::info!(offer = %offer.id, outcome, http_status, "attempt_failed");
    }
    result
}

/// What all the failures amount to.
fn verdict(mut failures: Vec<Failure>) -> Exhausted {
    if failures.iter().all(|f| f.status == Some(429)) {
        let shortest = failures
            .iter()
            .filter_map(|f| f.retry_after.as_ref()?.trim().parse().ok())
            .min();
        return Exhausted::RateLimited(shortest);
    }
    if failures.iter().all(|f| f.kind == FailureKind::TimedOut) {
        return Exhausted::TimedOut;
    }
    if failures
        .iter()
        .all(|f| f.kind == FailureKind::Untranslatable)
        && let Some(failure) = failures.pop()
    {
        return Exhausted::Untranslatable(failure);
    }
    Exhausted::AllFailed
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn status(status: u16, retry_after: Option<&str>) -> Failure {
        Failure {
            status: Some(status),
            retry_after: retry_after.map(Into::into),
            ..Failure::new(FailureKind::Status, "")
        }
    }

    #[test]
    fn all_rate_limited_is_a_429_with_the_shortest_wait() {
        let all = vec![
            status(429, Some("30")),
            status(429, Some("7")),
            status(429, None),
            status(429, Some("Wed, 21 Oct 2026 07:28:00 GMT")),
        ];
        assert!(matches!(verdict(all), Exhausted::RateLimited(Some(7))));
        assert!(matches!(
            verdict(vec![status(429, None), status(500, None)]),
            Exhausted::AllFailed
        ));
    }

    #[test]
    fn all_timed_out_is_a_504_and_a_mixture_a_502() {
        let late = || Failure::new(FailureKind::TimedOut, "");
        assert!(matches!(verdict(vec![late(), late()]), Exhausted::TimedOut));
        assert!(matches!(
            verdict(vec![late(), status(503, None)]),
            Exhausted::AllFailed
        ));
    }

    #[test]
    fn what_the_request_is_at_fault_for_stops() {
        for stop in [400, 413, 422] {
            assert!(!status(stop, None).moves_on(), "{stop}");
        }
        for on in [401, 402, 403, 404, 408, 429, 500, 502, 503, 529] {
            assert!(status(on, None).moves_on(), "{on}");
        }
        assert!(Failure::new(FailureKind::Garbage, "").moves_on());
    }
}
