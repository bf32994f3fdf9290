//! What a change would change: the founder reads it, and signs its hash.
//!
//! All of it is a function of the two sets and of the decisions that the replay
//! names, so that anyone can make it again. What making it took stands beside
//! it, in [`Timings`].

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::grid;
use super::replay::Replay;
use super::statement::Base;
use crate::policy::levers::{Declared, LeverValue};
use crate::policy::set::{Digests, PolicySet};
use crate::policy::{Generation, Slot};
use crate::store::Digest;

/// The preferences whose floors a report shows.
const PREFERENCES: [&str; 3] = ["balanced", "cost", "quality"];

/// What a change would change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Report {
    /// What is replaced.
    pub base: Base,
    /// The digests after it.
    pub result: Digests,
    /// The levers that differ.
    pub levers: Vec<LeverChange>,
    /// Floors before and after, gate open, for every preference and base.
    pub floors: Vec<FloorChange>,
    /// The routed names that differ.
    pub names: Vec<NameChange>,
    /// Recorded decisions, decided again; reports of earlier versions have
    /// none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replay: Option<Replay>,
}

/// What making a report took, in microseconds. No part of what is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Timings {
    /// Levers, floors and names.
    pub sets_us: u64,
    /// The replay.
    pub replay_us: u64,
}

/// A lever that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LeverChange {
    /// Whose it is.
    pub slot: Slot,
    /// Its name.
    pub lever: String,
    /// Its value; none where it is new.
    pub before: Option<String>,
    /// Its value; none where it is gone.
    pub after: Option<String>,
}

/// The floor for one preference and base.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FloorChange {
    /// The preference.
    pub preference: String,
    /// The base.
    pub base: String,
    /// The floor; none where the policy fails on this input.
    pub before: Option<String>,
    /// The floor; none where the policy fails on this input.
    pub after: Option<String>,
}

/// A routed name that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NameChange {
    /// The name.
    pub name: String,
    /// What it means; none where it is new.
    pub before: Option<Meaning>,
    /// What it means; none where it is gone.
    pub after: Option<Meaning>,
}

/// What a routed name means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Meaning {
    /// The target that it leads to.
    pub target: String,
    /// Since when it is deprecated.
    pub deprecated: Option<String>,
    /// From when it is refused.
    pub sunset: Option<String>,
}

impl Report {
    /// Compares `result` with the base generation that it would replace, beside
    /// the `replay` of the two. Evaluates some hundreds of times: keep it off
    /// request paths.
    #[must_use]
    pub fn new(base: &Generation, result: &PolicySet, replay: Replay) -> Self {
        let before = &base.set;
        Self {
            base: Base {
                digests: before.digests(),
                generation: base.number,
            },
            result: result.digests(),
            levers: Slot::ALL
                .into_iter()
                .flat_map(|slot| levers(slot, before.declared(slot), result.declared(slot)))
                .collect(),
            floors: floors(before, result),
            names: names(before, result),
            replay: Some(replay),
        }
    }

    /// Canonical JSON (RFC 8785), and its SHA-256.
    ///
    /// # Errors
    /// Never: it has no map with other keys than texts.
    pub fn canonical(&self) -> Result<(String, Digest), serde_json::Error> {
        let text = serde_json_canonicalizer::to_string(self)?;
        let digest = Digest::of(text.as_bytes());
        Ok((text, digest))
    }
}

/// The levers of `slot` that differ.
pub(super) fn levers(slot: Slot, before: &Declared, after: &Declared) -> Vec<LeverChange> {
    let values = |declared: &Declared| -> BTreeMap<String, String> {
        declared
            .levers
            .iter()
            .map(|(name, lever)| (name.clone(), text(&lever.value)))
            .collect()
    };
    let (mut before, mut after) = (values(before), values(after));
    let names: BTreeSet<String> = before.keys().chain(after.keys()).cloned().collect();
    names
        .into_iter()
        .map(|lever| LeverChange {
            slot,
            before: before.remove(&lever),
            after: after.remove(&lever),
            lever,
        })
        .filter(|change| change.before != change.after)
        .collect()
}

fn floors(before: &PolicySet, after: &PolicySet) -> Vec<FloorChange> {
    let floor = |set: &PolicySet, preference: &str, base| {
        set.floor(Some(preference), base, true)
            .ok()
            .map(|dialled| dialled.floor.to_string())
    };
    PREFERENCES
        .into_iter()
        .flat_map(|preference| grid::round_bases().map(move |base| (preference, base)))
        .map(|(preference, base)| FloorChange {
            preference: preference.to_owned(),
            base: base.to_string(),
            before: floor(before, preference, base),
            after: floor(after, preference, base),
        })
        .collect()
}

fn names(before: &PolicySet, after: &PolicySet) -> Vec<NameChange> {
    let names: BTreeSet<&str> = before.names().chain(after.names()).collect();
    names
        .into_iter()
        .map(|name| NameChange {
            name: name.to_owned(),
            before: meaning(before, name),
            after: meaning(after, name),
        })
        .filter(|change| change.before != change.after)
        .collect()
}

/// What `name` means by the lists and levers, which are verified.
fn meaning(set: &PolicySet, name: &str) -> Option<Meaning> {
    if !set.lists(name) {
        return None;
    }
    let levers = &set.declared(Slot::AliasResolver).levers;
    let value = |lever: &str| levers.get(lever).map(|lever| text(&lever.value));
    Some(match set.targets().any(|target| target == name) {
        true => Meaning {
            target: name.to_owned(),
            deprecated: None,
            sunset: None,
        },
        false => Meaning {
            target: value(name).unwrap_or_default(),
            deprecated: value(&format!("{name}/deprecated")),
            sunset: value(&format!("{name}/sunset")),
        },
    })
}

fn text(value: &LeverValue) -> String {
    match value {
        LeverValue::Number(number) => number.to_string(),
        LeverValue::Text(text) => text.clone(),
        LeverValue::Day(day) => day.to_string(),
    }
}
