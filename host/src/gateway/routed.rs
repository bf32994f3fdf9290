//! A routed call: classify, work out the floor, choose, try in order.

use std::sync::Arc;
use std::time::Instant;

use axum::response::Response;
use jiff::civil::Date;

use super::error::ApiError;
use super::headers::Receipt;
use super::incoming::Incoming;
use super::{answer, choose};
use crate::policy::Deciding;
use crate::record::{Opened, Outcome, Router, Status};
use crate::routing::decide::recorded;
use crate::routing::dispatch::{Exhausted, dispatch};
use crate::store::calls::Inputs;

/// Serves a call whose model name is no catalog name.
///
/// # Errors
/// Whatever the client is to be told before a first event.
pub async fn serve(
    incoming: &Incoming<'_>,
    mut deciding: Deciding,
    receipt: &mut Receipt,
) -> Result<Response, ApiError> {
    let model = &*incoming.head().model;
    let today = choose::today();
    let asked = Instant::now();
    let classified = deciding.classify(model, today);
    incoming.metrics.classify.observe_time(asked.elapsed());
    let classified = match classified {
        Ok(classified) => classified,
        Err(error) => {
            let unavailable = ApiError::policy_unavailable(error.to_string());
            // What the active resolver lists was to be routed: it has a row.
            if !deciding.active().set.lists(model) {
                return Err(unavailable);
            }
            let opened = open_record(incoming, &deciding, today, receipt);
            return Err(incoming
                .refuse(
                    opened,
                    Outcome::because(Status::Refused, "policy_unavailable"),
                    unavailable,
                )
                .await);
        }
    };
    let (target, via_alias) = choose::target(model, &classified, &deciding, receipt)?;
    if via_alias {
        tracing::info!(legacy = %model, canonical = %target, "router_alias_hit");
        incoming.metrics.alias(model, target);
    }
    if let Some(replayed) = incoming.replayed(receipt).await? {
        return Ok(replayed);
    }
    receipt.generation = Some(deciding.active().number);
    let mut opened = open_record(incoming, &deciding, today, receipt);
    opened.canonical = Some(Arc::clone(target));
    opened.alias = **target != *model;
    if !incoming.caller.active {
        let outcome = Outcome::because(Status::Refused, "agent_not_active");
        return Err(incoming
            .refuse(opened, outcome, ApiError::agent_not_active())
            .await);
    }
    opened.base_floor = Some(incoming.caller.base.get());
    let asked = Instant::now();
    let fixed = choose::floor(incoming, &mut deciding, (model, today, &classified));
    if incoming.hint.min_quality.is_none() {
        incoming.metrics.floor.observe_time(asked.elapsed());
    }
    if deciding.faulted().is_some() {
        note_policy(&mut opened, &deciding, incoming);
    }
    let fixed = match fixed {
        Ok(fixed) => fixed,
        Err(error) => {
            let outcome = Outcome::because(Status::Refused, "policy_unavailable");
            return Err(incoming.refuse(opened, outcome, error).await);
        }
    };
    opened.dialled = fixed.dialled;
    opened.floor = Some(fixed.floor.get());
    let choice = choose::offers(incoming, fixed.floor);
    opened.candidates = Some(recorded(&choice.candidates));
    if let Some(shadow) = deciding.shadow() {
        shadow.tell(|| Inputs::from(&*opened));
    }
    let mut order = match choice.order {
        Ok(order) => order,
        Err(none) => {
            let outcome = Outcome {
                nearest_miss: none
                    .nearest
                    .as_ref()
                    .and_then(|nearest| serde_json::to_string(nearest).ok()),
                ..Outcome::because(Status::RejectedFloor, none.reason.name())
            };
            let error = choose::no_candidate(&none, fixed.floor);
            return Err(incoming.refuse(opened, outcome, error).await);
        }
    };
    opened.choice = order.first().map(|first| Arc::clone(&first.offer.id));
    if let Some(first) = order.first()
        && let Some(cap) = incoming.exceeded_cap(first.estimate)
    {
        // The first is the cheapest.
        let outcome = Outcome::because(Status::Refused, "cap_exceeded");
        let error = ApiError::call_cap_exceeded(&first.offer.id, first.estimate, cap);
        return Err(incoming.refuse(opened, outcome, error).await);
    }
    order.retain(|candidate| incoming.exceeded_cap(candidate.estimate).is_none());
    // Whichever answers, there is the money for it.
    let hold = order.iter().map(|candidate| candidate.estimate).max();
    let mut open = incoming
        .open(opened, hold.unwrap_or_default(), receipt)
        .await?;
    let id = receipt.id();
    let call = incoming.call(&id).recorded_by(&open);
    let attempts = &mut open.progress().attempts;
    let (providers, breakers) = (&incoming.routes.providers, &incoming.routes.breakers);
    match dispatch(providers, breakers, &order, &call, |attempt| {
        attempts.push(attempt)
    })
    .await
    {
        Ok(begun) => answer::respond(open, begun, incoming, receipt).await,
        Err(exhausted) => {
            let (reason, error) = failed(exhausted);
            Err(answer::fail(open, reason, error, receipt).await)
        }
    }
}

/// The record of a call that the policy was asked about on the day `today`.
fn open_record(
    incoming: &Incoming<'_>,
    deciding: &Deciding,
    today: Date,
    receipt: &Receipt,
) -> Box<Opened> {
    let mut opened = incoming.opened(Router::Policy, receipt);
    opened.resolver_date = Some(today);
    note_policy(&mut opened, deciding, incoming);
    opened
}

/// What the record says of the policy, which may change as steps are decided
/// again.
fn note_policy(opened: &mut Opened, deciding: &Deciding, incoming: &Incoming<'_>) {
    let rules = incoming
        .rulesets
        .of(deciding, incoming.routes.catalog.version);
    opened.gates = Some(Arc::clone(&rules.gates_json));
    opened.ruleset_hash = Some(rules.hash);
    opened.generation = Some(deciding.active().number);
    opened.decided_by = Some(deciding.by().number);
    opened.faulted_generation = deciding.faulted();
}

/// What the client is told when no candidate answered, and why in a word.
fn failed(exhausted: Exhausted) -> (&'static str, ApiError) {
    match exhausted {
        Exhausted::Stopped(failure) => ("request_refused", answer::relay_failure(failure)),
        Exhausted::RateLimited(wait) => ("rate_limited", ApiError::rate_limited(wait)),
        Exhausted::TimedOut => ("timed_out", ApiError::timed_out()),
        Exhausted::Untranslatable(failure) => {
            ("untranslatable", ApiError::invalid(failure.message))
        }
        Exhausted::AllFailed => ("all_candidates_failed", ApiError::all_failed()),
    }
}
