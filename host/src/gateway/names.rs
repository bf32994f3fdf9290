//! What an answer that the gateway composes says of itself and its call.

use std::sync::Arc;

use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::headers::Receipt;
use super::incoming::Incoming;
use super::openapi::native::DecisionCandidate;
use crate::catalog::Offer;
use crate::dialect::{ClientRequest, Dialect, Names, native};
use crate::record::Opened;

/// What the native form says of the decision. What does not apply is left out.
#[derive(Serialize, ToSchema)]
pub struct Decision<'a> {
    router: &'static str,
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

/// The names of an answer that `offer` gives.
pub fn names(incoming: &Incoming<'_>, receipt: &Receipt, offer: &Arc<Offer>) -> Names {
    let (usage, thinking) = match incoming.request {
        ClientRequest::Anthropic(request) => (true, request.shows_thinking),
        // These expect the thoughts of a model that always thinks, whether they
        // asked or not.
        ClientRequest::OpenaiChat(request) => (request.include_usage, true),
        ClientRequest::Native(_) => (true, true),
    };
    let native = match receipt.dialect {
        Dialect::Native => facts(receipt, offer),
        _ => native::Facts::default(),
    };
    let model = match receipt.dialect {
        Dialect::Native => offer.id.to_string(),
        _ => offer.model.clone(),
    };
    Names {
        id: receipt.id(),
        model,
        created: jiff::Timestamp::now().as_second(),
        thinking,
        usage,
        native,
    }
}

fn facts(receipt: &Receipt, offer: &Arc<Offer>) -> native::Facts {
    let priced = Arc::clone(offer);
    native::Facts {
        inference_id: receipt.key.inference_id(),
        provider: offer.provider.clone(),
        decision: receipt.decision.clone().unwrap_or_default(),
        cost: Some(Box::new(move |usage| {
            let known = usage.input_tokens.is_some() && usage.output_tokens.is_some();
            known.then(|| priced.prices.cost(usage).to_string())
        })),
    }
}
