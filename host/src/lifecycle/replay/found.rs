//! What a replay found, as it is reported, hashed, signed and kept.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::outcome::Refused;
use crate::store::Digest;

/// Recorded decisions, decided again by two sets on the recorded inputs. A
/// function of these decisions and the two sets: anyone can make it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Replay {
    /// Which decisions.
    pub window: Pinned,
    /// Of them, those decided again.
    pub decided: u64,
    /// Those left out as they were refused before an offer was looked for: the
    /// agent was not active, or the policy unavailable.
    pub undecided: u64,
    /// Those left out as a field is not what the gateway writes.
    pub unreadable: u64,
    /// With the gates as they were.
    pub as_recorded: Breakdown,
    /// With the preference gate open, so that what a closed gate keeps from
    /// showing shows.
    pub gate_open: Breakdown,
}

/// The decisions of a replay, exactly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Pinned {
    /// The first of them, `req_…`; none where there is none.
    pub first: Option<String>,
    /// The last of them.
    pub last: Option<String>,
    /// How many there are.
    pub decisions: u64,
    /// SHA-256 of their ids in order, each followed by a line feed.
    pub ids_sha256: Digest,
}

/// What changes, as a whole and in parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Breakdown {
    /// All of them.
    pub total: Tally,
    /// Those that get an offer from both sets: the same calls, before and after.
    pub both: Compared,
    /// By what the floor follows from: `quality`, `cost`, `balanced`, `other`
    /// (any other preference), `none`, or `explicit` (the caller's floor).
    pub preferences: BTreeMap<String, Tally>,
    /// By agent, the most changed first; at most 50.
    pub agents: Vec<OfAgent>,
    /// Agents that are not listed.
    pub agents_left_off: u64,
    /// From which offer to which, what changes first; at most 50.
    pub models: Vec<Flow>,
    /// Flows that are not listed.
    pub models_left_off: u64,
    /// The first 20 decisions that change.
    pub examples: Vec<Example>,
}

/// How many decisions change, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Tally {
    /// Decisions.
    pub decisions: u64,
    /// Those that come out differently in any way.
    pub changed: u64,
    /// Those whose name means something else.
    pub other_name: u64,
    /// Those whose floor rises.
    pub floor_up: u64,
    /// Those whose floor falls.
    pub floor_down: u64,
    /// Those that get another offer.
    pub other_offer: u64,
    /// Those that get no offer any more.
    pub now_rejected: u64,
    /// Those that get an offer only now.
    pub now_accepted: u64,
    /// Those on which the new set fails and the old one did not.
    pub now_failing: u64,
    /// What was chosen before.
    pub before: Chosen,
    /// What is chosen after.
    pub after: Chosen,
}

/// What was chosen, of several decisions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Chosen {
    /// Decisions that have an offer.
    pub offers: u64,
    /// What the calls are estimated to cost there, USD: an exact decimal.
    pub cost_usd: String,
    /// The mean quality of these offers, rounded to six digits after the point;
    /// none where there is no offer.
    pub quality: Option<String>,
}

/// The same calls, before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Compared {
    /// What was chosen before.
    pub before: Chosen,
    /// What is chosen after.
    pub after: Chosen,
}

/// The decisions of an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OfAgent {
    /// `agt_…`.
    pub agent_id: String,
    /// Its decisions.
    #[serde(flatten)]
    pub tally: Tally,
}

/// Decisions for one target that go from one offer to one offer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct Flow {
    /// The routing target; none where neither set knows the name.
    pub target: Option<String>,
    /// The offer before; none where there was none.
    pub before: Option<String>,
    /// The offer after; none where there is none.
    pub after: Option<String>,
    /// How many.
    pub decisions: u64,
}

/// A decision that changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Example {
    /// `req_…`.
    pub request_id: String,
    /// What its floor follows from, as in `preferences`.
    pub preference: String,
    /// The floor that it began with.
    pub base: String,
    /// What it came to.
    pub before: Shown,
    /// What it comes to.
    pub after: Shown,
}

/// What a call comes to; what does not apply is left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Shown {
    /// The routing target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The floor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor: Option<String>,
    /// The offer that it is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer: Option<String>,
    /// Why it gets none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<Refused>,
}
