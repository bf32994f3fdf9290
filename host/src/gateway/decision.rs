//! The decision, as the native form says it.

use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::dialect::Dialect;
use crate::record::Opened;
use crate::store::inferences::Inference;

/// What the native form says of the decision. What does not apply is left out.
#[derive(Serialize, ToSchema)]
pub struct Decision<'a> {
    router: &'a str,
    requested: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    generation: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    preference: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    base_floor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dialled: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    floor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    catalog_version: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<DecisionCandidate>)]
    candidates: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    choice: Option<&'a str>,
}

/// The decision that `opened` records, as JSON, for a client that gets to see
/// it.
pub fn decision(opened: &Opened, dialect: Dialect) -> Option<String> {
    if dialect != Dialect::Native {
        return None;
    }
    let candidates = opened.candidates.as_deref();
    let decision = Decision {
        router: opened.router.as_str(),
        requested: &opened.requested,
        target: opened.canonical.as_deref(),
        generation: opened.generation,
        preference: opened.preference.as_deref(),
        base_floor: opened.base_floor.map(|floor| floor.to_string()),
        dialled: opened.dialled.map(|floor| floor.to_string()),
        floor: opened.floor.map(|floor| floor.to_string()),
        catalog_version: opened.catalog_version,
        candidates: candidates.and_then(|json| serde_json::from_str(json).ok()),
        choice: opened.choice.as_deref(),
    };
    serde_json::to_string(&decision).ok()
}

/// The decision of a call that is on record.
pub fn recorded(call: &Inference) -> Decision<'_> {
    let candidates = call.candidates.as_deref();
    Decision {
        router: &call.router,
        requested: &call.requested,
        target: call.canonical.as_deref(),
        generation: call.generation,
        preference: call.preference.as_deref(),
        base_floor: call.base_floor.clone(),
        dialled: call.dialled.clone(),
        floor: call.floor.clone(),
        catalog_version: call.catalog_version,
        candidates: candidates.and_then(|json| serde_json::from_str(json).ok()),
        choice: call.choice.as_deref(),
    }
}

/// An offer that could have served the call, floor and caps apart.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by its derive alone")]
pub struct DecisionCandidate {
    offer: String,
    /// A decimal.
    quality: String,
    /// What the call was estimated to cost there, in nano-dollars.
    estimate_nanousd: i64,
}
