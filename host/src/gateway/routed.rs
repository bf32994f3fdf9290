//! A routed call: classify, work out the floor, choose, try in order.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::response::Response;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::answer;
use super::error::ApiError;
use super::headers::Receipt;
use super::incoming::Incoming;
use crate::policy::{Classified, Deciding, Floor};
use crate::record::{Opened, Outcome, Router, Status};
use crate::routing::dispatch::{Exhausted, dispatch};
use crate::routing::{Ask, Candidate, NoCandidate, RejectReason, decide};

/// Serves a call whose model name is no catalog name.
///
/// # Errors
/// Whatever the client is to be told before a first event.
pub async fn serve(
    incoming: &Incoming<'_>,
    mut deciding: Deciding,
    receipt: &mut Receipt,
) -> Result<Response, ApiError> {
    let model = &*incoming.request.model;
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let classified = match deciding.classify(model, today) {
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
    let target = match &*classified {
        Classified::Unknown => return Err(unknown(model, &deciding)),
        Classified::Sunset { target } => return Err(ApiError::sunset(model, target)),
        Classified::Routed {
            target,
            via_alias,
            deprecated,
            sunset,
        } => {
            if *via_alias {
                tracing::info!(legacy = %model, canonical = %target, "router_alias_hit");
            }
            receipt.dates = (*deprecated, *sunset);
            target
        }
    };
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
    let floor = match fix_floor(
        incoming,
        &mut deciding,
        (model, today, &classified),
        &mut opened,
    ) {
        Ok(floor) => floor,
        Err(error) => {
            let outcome = Outcome::because(Status::Refused, "policy_unavailable");
            return Err(incoming.refuse(opened, outcome, error).await);
        }
    };
    let ask = Ask {
        floor,
        shape: &incoming.request.shape,
        max_cost: incoming.hint.cap(),
        allow: incoming.hint.allow.as_deref(),
        deny: incoming.hint.deny.as_deref(),
    };
    let choice = decide::decide(&incoming.routes.catalog, &incoming.routes.mask, &ask);
    opened.candidates = Some(recorded(&choice.candidates));
    let order = match choice.order {
        Ok(order) => order,
        Err(none) => {
            let outcome = Outcome {
                nearest_miss: none
                    .nearest
                    .as_ref()
                    .and_then(|nearest| serde_json::to_string(nearest).ok()),
                ..Outcome::because(Status::RejectedFloor, none.reason.name())
            };
            return Err(incoming
                .refuse(
                    opened,
                    outcome,
                    ApiError::no_candidate(explain(&none, floor)),
                )
                .await);
        }
    };
    opened.choice = order.first().map(|first| Arc::clone(&first.offer.id));
    let mut open = incoming.open(opened, receipt).await?;
    let request_id = receipt.request_id();
    let call = incoming.call(&request_id);
    let attempts = &mut open.progress().attempts;
    match dispatch(&incoming.routes.providers, &order, &call, |attempt| {
        attempts.push(attempt)
    })
    .await
    {
        Ok((offer, begun)) => answer::respond(open, offer, begun, incoming, receipt).await,
        Err(exhausted) => {
            let (reason, error) = failed(exhausted);
            Err(answer::fail(open, reason, error, receipt).await)
        }
    }
}

/// The floor of the call: the explicit one exactly as given, else what dial
/// and clamp make of the base.
fn fix_floor(
    incoming: &Incoming<'_>,
    deciding: &mut Deciding,
    name: (&str, Date, &Classified),
    opened: &mut Opened,
) -> Result<Floor, ApiError> {
    let base = incoming.caller.base;
    opened.base_floor = Some(base.get());
    let floor = match incoming.hint.min_quality {
        Some(explicit) => explicit,
        None => {
            let dialled = deciding.floor(incoming.hint.preference.as_deref(), base, name);
            if deciding.faulted().is_some() {
                note_policy(opened, deciding, incoming);
            }
            let dialled =
                dialled.map_err(|error| ApiError::policy_unavailable(error.to_string()))?;
            opened.dialled = Some(dialled.dialled);
            dialled.floor
        }
    };
    opened.floor = Some(floor.get());
    Ok(floor)
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

/// The candidates as they are recorded: compact JSON, in catalog order. Offer
/// ids hold nothing that JSON escapes.
fn recorded(candidates: &[Candidate]) -> String {
    let mut json = String::with_capacity(2 + candidates.len() * 80);
    for Candidate { offer, estimate } in candidates {
        let comma = if json.is_empty() { '[' } else { ',' };
        // Writing to a String cannot fail.
        let _ = write!(
            json,
            r#"{comma}{{"offer":"{}","quality":"{}","estimate_nanousd":{}}}"#,
            offer.id, offer.quality, estimate.0
        );
    }
    if json.is_empty() {
        json.push('[');
    }
    json.push(']');
    json
}

fn unknown(model: &str, deciding: &Deciding) -> ApiError {
    let shown: String = model
        .chars()
        .take(80)
        .flat_map(char::escape_debug)
        .collect();
    let targets: Vec<&str> = deciding.by().set.targets().collect();
    ApiError::not_found(format!(
        "there is no model `{shown}`; to have one chosen, use {}",
        targets.join(", ")
    ))
}

fn explain(none: &NoCandidate, floor: Floor) -> String {
    let nearest = none.nearest.as_ref().map(|nearest| {
        let usd = nearest.estimate_nanousd;
        format!(
            "; the nearest is {}, quality {}, estimated at {usd} USD",
            nearest.offer, nearest.quality
        )
    });
    let why = match none.reason {
        RejectReason::NoOffers => "no offer is active with a key configured; activate one".to_owned(),
        RejectReason::Lists => "the hint's provider lists leave no offer; widen them".to_owned(),
        RejectReason::Capability => "no offer on the lists can do what the call needs (tools, images, thinking, context or output length)".to_owned(),
        RejectReason::Floor => format!("no candidate has a quality of at least {floor}; lower `min_quality` or the preference"),
        RejectReason::Cost => "every candidate is estimated above `max_cost`; raise it, or ask for less output".to_owned(),
    };
    why + &nearest.unwrap_or_default()
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
