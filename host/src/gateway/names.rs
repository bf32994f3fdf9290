//! What an answer that the gateway composes says of itself and its call.

use super::headers::Receipt;
use super::incoming::Incoming;
use crate::catalog::Offer;
use crate::dialect::{ClientRequest, Dialect, Names, NativeFacts};

/// The names of an answer that `offer` gives.
pub fn names(incoming: &Incoming<'_>, receipt: &Receipt, offer: &Offer) -> Names {
    let (usage, thinking) = match incoming.request {
        ClientRequest::Anthropic(request) => (true, request.shows_thinking),
        // These expect the thoughts of a model that always thinks, whether they
        // asked or not.
        ClientRequest::OpenaiChat(request) => (request.include_usage, true),
        ClientRequest::Native(_) => (true, true),
    };
    let native = match receipt.dialect {
        Dialect::Native => facts(receipt, offer),
        _ => NativeFacts::default(),
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

fn facts(receipt: &Receipt, offer: &Offer) -> NativeFacts {
    NativeFacts {
        inference_id: receipt.key.inference_id(),
        receipt_id: receipt.key.receipt_id(),
        provider: offer.provider.clone(),
        decision: receipt.decision.clone().unwrap_or_default(),
        cost_usd: None,
    }
}
