//! A pinned call: the model that was named, streamed exactly as not, and no
//! other.

use std::sync::Arc;

use axum::response::Response;

use super::answer;
use super::error::ApiError;
use super::headers::Receipt;
use super::incoming::Incoming;
use crate::catalog::{Offer, estimate};
use crate::policy::Floor;
use crate::provider::{Failure, FailureKind};
use crate::record::{Outcome, Router, Status};
use crate::routing::Ask;
use crate::routing::decide::on_lists;
use crate::routing::dispatch::attempt;

/// Serves a call whose model name is in the catalog.
///
/// # Errors
/// Whatever the client is to be told before a first event.
pub async fn serve(incoming: &Incoming<'_>, receipt: &mut Receipt) -> Result<Response, ApiError> {
    if let Some(replayed) = incoming.replayed(receipt).await? {
        return Ok(replayed);
    }
    let offer = find(incoming)?;
    let mut opened = incoming.opened(Router::Direct, receipt);
    opened.choice = Some(Arc::clone(&offer.id));
    if let Some((reason, error)) = refusal(incoming, &offer) {
        return Err(incoming
            .refuse(opened, Outcome::because(Status::Refused, reason), error)
            .await);
    }
    let estimate = estimate(&offer, &incoming.head().shape);
    if let Some(cap) = incoming.exceeded_cap(estimate) {
        let outcome = Outcome::because(Status::Refused, "cap_exceeded");
        let error = ApiError::call_cap_exceeded(&offer.id, estimate, cap);
        return Err(incoming.refuse(opened, outcome, error).await);
    }
    let mut open = incoming.open(opened, estimate, receipt).await?;
    let id = receipt.id();
    let call = incoming.call(&id).recorded_by(&open);
    let attempts = &mut open.progress().attempts;
    let (providers, breakers) = (&incoming.routes.providers, &incoming.routes.breakers);
    // There is no other to call: it is called whatever its breaker says.
    let trial = breakers.force(&offer.id);
    match attempt(providers, &offer, &call, trial, &mut |attempt| {
        attempts.push(attempt)
    })
    .await
    {
        Ok(begun) => answer::respond(open, begun, incoming, receipt).await,
        Err(failure) => {
            receipt.offer = Some(Arc::clone(&offer.id));
            receipt
                .upstream_request_id
                .clone_from(&failure.upstream_request_id);
            Err(answer::fail(open, failure.kind.name(), failed(failure), receipt).await)
        }
    }
}

/// Why the call is not made, in a word and in full.
pub fn refusal(incoming: &Incoming<'_>, offer: &Offer) -> Option<(&'static str, ApiError)> {
    if !incoming.caller.active {
        return Some(("agent_not_active", ApiError::agent_not_active()));
    }
    if !incoming.caller.may_use(offer) {
        return Some(("permission_error", ApiError::not_allowed(&offer.id)));
    }
    if incoming.head().shape.tools && !offer.tools {
        return Some((
            "tools_not_supported_by_backend",
            ApiError::tools_not_supported(&offer.id),
        ));
    }
    breaks_hint(incoming, offer).map(|error| ("no_candidate", error))
}

/// The cheapest active offer of a slug that has a key, or the one of an id.
///
/// # Errors
/// 404 where none is active.
pub fn find(incoming: &Incoming<'_>) -> Result<Arc<Offer>, ApiError> {
    let (routes, model) = (&incoming.routes, &*incoming.head().model);
    let named = routes.catalog.pinned(model);
    let offers = || {
        named.iter().filter_map(|index| {
            routes
                .catalog
                .offers
                .get(*index)
                .map(|offer| (*index, offer))
        })
    };
    let active = offers().filter(|(_, offer)| offer.active);
    let allowed = |(_, offer): &(usize, &Arc<Offer>)| incoming.caller.may_use(offer);
    let callable = active.clone().filter(|(index, _)| routes.can_call(*index));
    let cheapest = |(_, offer): &(usize, &Arc<Offer>)| {
        (
            estimate(offer, &incoming.head().shape),
            Arc::clone(&offer.id),
        )
    };
    // Without a key the call fails with a message that names the variable, and
    // one that is not allowed is refused as that.
    callable
        .clone()
        .filter(allowed)
        .min_by_key(cheapest)
        .or_else(|| callable.min_by_key(cheapest))
        .or_else(|| active.min_by_key(cheapest))
        .map(|(_, offer)| Arc::clone(offer))
        .ok_or_else(|| {
            ApiError::not_found(format!(
                "the model `{model}` has no active offer here; ask the operator to activate one"
            ))
        })
}

/// The hint's caps and lists hold for a pinned call too.
fn breaks_hint(incoming: &Incoming<'_>, offer: &Offer) -> Option<ApiError> {
    let ask = Ask {
        floor: Floor::DEFAULT,
        shape: &incoming.head().shape,
        max_cost: None,
        allow: incoming.hint.allow.as_deref(),
        deny: incoming.hint.deny.as_deref(),
    };
    if !on_lists(offer, &ask) {
        return Some(ApiError::no_candidate(format!(
            "the hint's provider lists leave out `{}`",
            offer.id
        )));
    }
    let estimate = estimate(offer, &incoming.head().shape);
    let over = incoming.hint.cap().is_some_and(|cap| estimate > cap);
    over.then(|| {
        ApiError::no_candidate(format!(
            "`{}` is estimated at {estimate} USD, above `max_cost`",
            offer.id
        ))
    })
}

/// What the client is told when the pinned provider did not answer.
pub fn failed(failure: Failure) -> ApiError {
    match (failure.kind, failure.status) {
        (FailureKind::TimedOut, _) | (FailureKind::Status, Some(408)) => ApiError::timed_out(),
        (FailureKind::Untranslatable, _) => ApiError::invalid(failure.message),
        // It is our key, or our account, that the provider refused.
        (FailureKind::Status, Some(status @ (401..=403))) => ApiError::provider(format!(
            "the provider refused the gateway's key or account ({status}); ask the operator to check it"
        )),
        (FailureKind::Status, Some(400..)) => answer::relay_failure(failure),
        _ => ApiError::provider(failure.message),
    }
}
