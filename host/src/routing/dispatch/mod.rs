//! The attempts: candidates in order, until one answers.
//!
//! Nothing reaches the client before a candidate's first event that is not an
//! error; after it there is no fallback.

use std::sync::Arc;
use std::time::Instant;

use super::breaker::{Breakers, Trial};
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

/// An answer that has begun.
pub struct Begun {
    /// Whose it is.
    pub offer: Arc<Offer>,
    /// The answer.
    pub answer: Answer,
    /// To be told how a stream ends.
    pub trial: Trial,
}

/// Tries `order`, telling `note` of each attempt. An offer whose breaker is open
/// is skipped; where none was called because of that, the skipped are tried all
/// the same.
///
/// # Errors
/// If none answered.
pub async fn dispatch(
    providers: &Providers,
    breakers: &Breakers,
    order: &[Candidate],
    call: &Call<'_>,
    mut note: impl FnMut(Attempt),
) -> Result<Begun, Exhausted> {
    let mut failures = Vec::new();
    let mut skipped = Vec::new();
    for Candidate { offer, .. } in order {
        let Some(trial) = breakers.admit(&offer.id) else {
            note(skip(offer));
            skipped.push(offer);
            continue;
        };
        match attempt(providers, offer, call, trial, &mut note).await {
            Err(failure) if failure.moves_on() => failures.push(failure),
            Err(failure) => return Err(Exhausted::Stopped(failure)),
            Ok(begun) => return Ok(begun),
        }
    }
    if failures.iter().all(is_untranslatable) {
        for offer in skipped {
            let trial = breakers.force(&offer.id);
            match attempt(providers, offer, call, trial, &mut note).await {
                Err(failure) if failure.moves_on() => failures.push(failure),
                Err(failure) => return Err(Exhausted::Stopped(failure)),
                Ok(begun) => return Ok(begun),
            }
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
    offer: &Arc<Offer>,
    call: &Call<'_>,
    trial: Trial,
    note: &mut impl FnMut(Attempt),
) -> Result<Begun, Failure> {
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
    match result {
        Ok(answer) => {
            trial.began();
            Ok(Begun {
                offer: Arc::clone(offer),
                answer,
                trial,
            })
        }
        Err(failure) => {
            // Not the provider's words: they may repeat a prompt or a key.
            tracing::info!(offer = %offer.id, outcome, http_status, "attempt_failed");
            trial.failed(&failure);
            Err(failure)
        }
    }
}

/// The attempt that an open breaker spared.
fn skip(offer: &Arc<Offer>) -> Attempt {
    Attempt {
        offer: Arc::clone(&offer.id),
        outcome: "skipped_open",
        http_status: None,
        latency_us: 0,
    }
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
    if failures.iter().all(is_untranslatable)
        && let Some(failure) = failures.pop()
    {
        return Exhausted::Untranslatable(failure);
    }
    Exhausted::AllFailed
}

/// Whether the offer was not called at all.
fn is_untranslatable(failure: &Failure) -> bool {
    failure.kind == FailureKind::Untranslatable
}

#[cfg(test)]
mod tests;
