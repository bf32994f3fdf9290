//! What a record says that its decision was made from, as far as a policy and
//! the engine's choice need it: no catalog, since the candidates are recorded.

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::catalog::NanoUsd;
use crate::policy::{Floor, Gates};
use crate::routing::decide::{Recorded, read};
use crate::store::calls::Inputs;

/// What a decision is made from.
pub(in crate::lifecycle) struct Basis<'a> {
    pub(in crate::lifecycle) requested: &'a str,
    pub(in crate::lifecycle) date: Date,
    pub(in crate::lifecycle) preference: Option<&'a str>,
    pub(in crate::lifecycle) explicit: Option<Floor>,
    pub(in crate::lifecycle) base: Floor,
    pub(in crate::lifecycle) live: bool,
    pub(in crate::lifecycle) max_cost: Option<NanoUsd>,
    pub(in crate::lifecycle) call_cap: Option<NanoUsd>,
    /// What the call could be given, before floor and caps.
    pub(in crate::lifecycle) candidates: Vec<Recorded<'a>>,
}

/// Why a record is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lifecycle) enum Unfit {
    /// It was refused before the engine was asked.
    Undecided,
    /// A field is not what the gateway writes.
    Unreadable,
}

impl<'a> Basis<'a> {
    pub(in crate::lifecycle) fn read(inputs: &'a Inputs) -> Result<Self, Unfit> {
        let (Some(base), Some(candidates)) = (&inputs.base_floor, &inputs.candidates) else {
            return Err(Unfit::Undecided);
        };
        Self::parse(inputs, base, candidates).ok_or(Unfit::Unreadable)
    }

    fn parse(inputs: &'a Inputs, base: &str, candidates: &'a str) -> Option<Self> {
        let explicit = match &inputs.min_quality {
            None => None,
            Some(floor) => Some(floor.parse().ok()?),
        };
        let max_cost = match &inputs.max_cost {
            None => None,
            Some(usd) => Some(NanoUsd::cap(Decimal::from_str_exact(usd).ok()?)),
        };
        let gates: Gates = serde_json::from_str(inputs.gates.as_deref()?).ok()?;
        Some(Self {
            requested: &inputs.requested,
            date: inputs.resolver_date.as_deref()?.parse().ok()?,
            preference: inputs.preference.as_deref(),
            explicit,
            base: base.parse().ok()?,
            live: gates.routing_preference_live,
            max_cost,
            call_cap: inputs.call_cap_nanousd.map(NanoUsd),
            candidates: read(candidates).ok()?,
        })
    }

    /// The word that its floor follows from. What callers make up is one word:
    /// it moves nothing.
    pub(in crate::lifecycle) fn word(&self) -> &'static str {
        match (self.explicit, self.preference) {
            (Some(_), _) => "explicit",
            (None, Some("quality")) => "quality",
            (None, Some("cost")) => "cost",
            (None, Some("balanced")) => "balanced",
            (None, Some(_)) => "other",
            (None, None) => "none",
        }
    }
}
