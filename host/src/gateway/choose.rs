//! How a name that the catalog does not have comes to its offers: what it
//! stands for, the floor, the engine's choice. Nothing here is recorded.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::error::ApiError;
use super::headers::Receipt;
use super::incoming::Incoming;
use crate::policy::{Classified, Deciding, Floor};
use crate::routing::decide::{Choice, decide};
use crate::routing::{Ask, NoCandidate, RejectReason};

/// The day that resolvers are asked about.
pub fn today() -> Date {
    Timestamp::now().to_zoned(TimeZone::UTC).date()
}

/// The target that `model` stands for, and whether it is an alias, whose dates
/// the answer will carry.
///
/// # Errors
/// 404 where nothing routes it, 410 past its sunset.
pub fn target<'c>(
    model: &str,
    classified: &'c Classified,
    deciding: &Deciding,
    receipt: &mut Receipt,
) -> Result<(&'c Arc<str>, bool), ApiError> {
    match classified {
        Classified::Unknown => Err(unknown(model, deciding)),
        Classified::Sunset { target } => Err(ApiError::sunset(model, target)),
        Classified::Routed {
            target,
            via_alias,
            deprecated,
            sunset,
        } => {
            receipt.dates = (*deprecated, *sunset);
            Ok((target, *via_alias))
        }
    }
}

/// The floor of a call and where it comes from.
pub struct Fixed {
    /// The floor.
    pub floor: Floor,
    /// The dial's answer; none where the caller gave the floor.
    pub dialled: Option<Decimal>,
}

/// The explicit floor exactly as given, else what dial and clamp make of the
/// base, for a name that `deciding` classified.
///
/// # Errors
/// 503 where the policy cannot decide.
pub fn floor(
    incoming: &Incoming<'_>,
    deciding: &mut Deciding,
    name: (&str, Date, &Classified),
) -> Result<Fixed, ApiError> {
    if let Some(floor) = incoming.hint.min_quality {
        return Ok(Fixed {
            floor,
            dialled: None,
        });
    }
    let preference = incoming.hint.preference.as_deref();
    let dialled = deciding
        .floor(preference, incoming.caller.base, name)
        .map_err(|error| ApiError::policy_unavailable(error.to_string()))?;
    Ok(Fixed {
        floor: dialled.floor,
        dialled: Some(dialled.dialled),
    })
}

/// The engine's choice among the offers that may be called.
pub fn offers(incoming: &Incoming<'_>, floor: Floor) -> Choice {
    let ask = Ask {
        floor,
        shape: &incoming.head().shape,
        max_cost: incoming.hint.cap(),
        allow: incoming.hint.allow.as_deref(),
        deny: incoming.hint.deny.as_deref(),
    };
    decide(&incoming.routes.catalog, &incoming.eligible.mask, &ask)
}

/// 404 for a name that is neither in the catalog nor routed.
pub fn unknown(model: &str, deciding: &Deciding) -> ApiError {
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

/// 422 for a call whose every offer fell to one of the engine's filters.
pub fn no_candidate(none: &NoCandidate, floor: Floor) -> ApiError {
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
    ApiError::no_candidate(why + &nearest.unwrap_or_default())
}
