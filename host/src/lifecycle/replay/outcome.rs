//! What a set makes of a recorded call, and how two sets differ on it. The
//! steps are those of a call: the set classifies and fixes the floor, and the
//! engine's own order chooses.

use std::cmp::Ordering;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::basis::Basis;
use crate::policy::{Classified, Floor, PolicySet};
use crate::routing::RejectReason;
use crate::routing::decide::{Ranked, Recorded, order};

/// Why a call gets no offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Refused {
    /// The resolver does not know the name.
    UnknownName,
    /// The name is past its sunset.
    Sunset,
    /// The policy failed.
    Fault,
    /// No offer could serve the call.
    NoOffer,
    /// No offer clears the floor.
    Floor,
    /// Those that clear it are above the hint's `max_cost`.
    Cost,
    /// The cheapest is above the agent's cap for a call.
    CallCap,
}

impl Refused {
    /// Its name in the records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UnknownName => "unknown_name",
            Self::Sunset => "sunset",
            Self::Fault => "fault",
            Self::NoOffer => "no_offer",
            Self::Floor => "floor",
            Self::Cost => "cost",
            Self::CallCap => "call_cap",
        }
    }
}

/// What became of a call.
#[derive(Clone, Debug)]
pub(in crate::lifecycle) struct Outcome<'a> {
    pub(in crate::lifecycle) target: Option<Arc<str>>,
    pub(in crate::lifecycle) floor: Option<Floor>,
    pub(in crate::lifecycle) choice: Result<Recorded<'a>, Refused>,
}

impl<'a> Outcome<'a> {
    /// What `set` makes of it, the gate open or not.
    pub(in crate::lifecycle) fn of(basis: &Basis<'a>, set: &PolicySet, live: bool) -> Self {
        let mut outcome = Self {
            target: None,
            floor: None,
            choice: Err(Refused::Fault),
        };
        match set.classify(basis.requested, basis.date).as_deref() {
            Ok(Classified::Routed { target, .. }) => outcome.target = Some(Arc::clone(target)),
            Ok(Classified::Sunset { .. }) => {
                outcome.choice = Err(Refused::Sunset);
                return outcome;
            }
            Ok(Classified::Unknown) => {
                outcome.choice = Err(Refused::UnknownName);
                return outcome;
            }
            Err(_) => return outcome,
        }
        outcome.floor = match basis.explicit {
            Some(floor) => Some(floor),
            None => set
                .floor(basis.preference, basis.base, live)
                .ok()
                .map(|dialled| dialled.floor),
        };
        if let Some(floor) = outcome.floor {
            outcome.choice = choose(basis, floor);
        }
        outcome
    }

    /// The offer that it is given.
    pub(in crate::lifecycle) fn offer(&self) -> Option<&'a str> {
        self.choice.as_ref().ok().map(Recorded::id)
    }
}

fn choose<'a>(basis: &Basis<'a>, floor: Floor) -> Result<Recorded<'a>, Refused> {
    if basis.candidates.is_empty() {
        return Err(Refused::NoOffer);
    }
    let order =
        order(&basis.candidates, floor, basis.max_cost).map_err(|none| match none.reason {
            RejectReason::Floor => Refused::Floor,
            RejectReason::Cost => Refused::Cost,
            RejectReason::NoOffers | RejectReason::Lists | RejectReason::Capability => {
                Refused::NoOffer
            }
        })?;
    let first = *order.first().ok_or(Refused::NoOffer)?;
    match basis.call_cap {
        Some(cap) if first.estimate() > cap => Err(Refused::CallCap),
        _ => Ok(first),
    }
}

/// How the outcomes of two sets differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lifecycle) struct Difference {
    /// The name means something else.
    pub(in crate::lifecycle) name: bool,
    /// Which way the floor goes.
    pub(in crate::lifecycle) floor: Ordering,
    /// Another offer is chosen.
    pub(in crate::lifecycle) offer: bool,
    /// Only the set before gives an offer.
    pub(in crate::lifecycle) rejected: bool,
    /// Only the set after gives an offer.
    pub(in crate::lifecycle) accepted: bool,
    /// Neither gives one, for another reason.
    pub(in crate::lifecycle) reason: bool,
    /// The set after fails.
    pub(in crate::lifecycle) fault: bool,
}

impl Difference {
    pub(in crate::lifecycle) fn between(before: &Outcome<'_>, after: &Outcome<'_>) -> Self {
        let (was, is) = (&before.choice, &after.choice);
        let name = |outcome: &Outcome<'_>| match outcome.choice {
            Err(word @ (Refused::UnknownName | Refused::Sunset)) => Some(word),
            _ => None,
        };
        let failed = |outcome: &Outcome<'_>| outcome.choice == Err(Refused::Fault);
        Self {
            name: name(before) != name(after)
                || (before.target.is_some()
                    && after.target.is_some()
                    && before.target != after.target),
            floor: match (before.floor, after.floor) {
                (Some(before), Some(after)) => after.get().cmp(&before.get()),
                _ => Ordering::Equal,
            },
            offer: was.is_ok() && is.is_ok() && before.offer() != after.offer(),
            rejected: was.is_ok() && is.is_err(),
            accepted: was.is_err() && is.is_ok(),
            reason: was.is_err() && is.is_err() && was != is,
            fault: failed(after) && !failed(before),
        }
    }

    /// Whether there is any.
    pub(in crate::lifecycle) fn any(self) -> bool {
        let Self {
            name,
            floor,
            offer,
            rejected,
            accepted,
            reason,
            fault,
        } = self;
        name || floor.is_ne() || offer || rejected || accepted || reason || fault
    }
}
