//! `POST /v1/messages/count_tokens`: what a call's input would count for. Asked
//! of the offer that the call would go to first, where its provider can tell,
//! else estimated. Nothing of it is recorded.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use bytes::Bytes;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::ApiError;
use super::headers::Receipt;
use super::incoming::Incoming;
use super::openapi::anthropic::{AnthropicHeaders, CountTokensRequest, TokenCounts};
use super::received::Received;
use super::{Gateway, choose, pinned};
use crate::catalog::{Offer, estimated_input};
use crate::dialect::anthropic::{MessagesRequest, error};
use crate::dialect::{ClientRequest, Dialect};
use crate::policy::Deciding;
use crate::provider::Failure;

/// Its path.
const ROUTE: &str = "/v1/messages/count_tokens";

/// What a count answers.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct TokenCount {
    /// The input tokens of the call.
    input_tokens: u64,
}

/// Counts.
#[utoipa::path(
    post,
    path = "/v1/messages/count_tokens",
    tag = "Inference",
    operation_id = "countTokens",
    summary = "Counts the input tokens of a Messages call.",
    description = "Nothing is called, recorded or charged.",
    params(AnthropicHeaders),
    request_body(
        content = CountTokensRequest,
        example = json!({"model": "ainfera-inference", "messages": [{"role": "user", "content": "Hello"}]})
    ),
    responses(TokenCounts)
)]
pub async fn count_tokens(State(gateway): State<Arc<Gateway>>, request: Request) -> Response {
    let mut receipt = Receipt::new(gateway.records.key(), Dialect::Anthropic);
    match serve(&gateway, request, &mut receipt).await {
        Ok(count) => receipt.json(StatusCode::OK, count),
        Err(error) => {
            gateway.metrics.error(ROUTE, error.code());
            error.respond(&receipt)
        }
    }
}

async fn serve(
    gateway: &Gateway,
    request: Request,
    receipt: &mut Receipt,
) -> Result<Bytes, ApiError> {
    let received = Received::take(gateway, request, receipt).await?;
    let request = MessagesRequest::read_to_count(&received.body)
        .map(ClientRequest::Anthropic)
        .map_err(|error| ApiError::invalid(error.to_string()))?;
    let incoming = received.call(gateway, &request, ROUTE)?;
    let offer = if incoming.routes.catalog.names(&incoming.head().model) {
        pinned(&incoming)?
    } else {
        first_choice(&incoming, gateway.policy.deciding(), receipt)?
    };
    receipt.offer = Some(Arc::clone(&offer.id));
    count(&incoming, &offer, receipt).await
}

/// The offer that is named, where the call itself would be made.
fn pinned(incoming: &Incoming<'_>) -> Result<Arc<Offer>, ApiError> {
    let offer = pinned::find(incoming)?;
    match pinned::refusal(incoming, &offer) {
        Some((_, error)) => Err(error),
        None => Ok(offer),
    }
}

/// The offer that the call would be tried at first.
fn first_choice(
    incoming: &Incoming<'_>,
    mut deciding: Deciding,
    receipt: &mut Receipt,
) -> Result<Arc<Offer>, ApiError> {
    let model = &*incoming.head().model;
    let today = choose::today();
    let classified = deciding
        .classify(model, today)
        .map_err(|error| ApiError::policy_unavailable(error.to_string()))?;
    choose::target(model, &classified, &deciding, receipt)?;
    receipt.generation = Some(deciding.active().number);
    if !incoming.caller.active {
        return Err(ApiError::agent_not_active());
    }
    let floor = choose::floor(incoming, &mut deciding, (model, today, &classified))?.floor;
    let order = choose::offers(incoming, floor)
        .order
        .map_err(|none| choose::no_candidate(&none, floor))?;
    let first = order.into_iter().next();
    first
        .map(|candidate| candidate.offer)
        .ok_or_else(|| ApiError::no_candidate("no offer is left"))
}

async fn count(
    incoming: &Incoming<'_>,
    offer: &Offer,
    receipt: &mut Receipt,
) -> Result<Bytes, ApiError> {
    let id = receipt.id();
    let counted = incoming
        .routes
        .providers
        .count_tokens(offer, &incoming.call(&id))
        .await;
    match counted {
        Some(Ok(count)) if serde_json::from_slice::<TokenCount>(&count).is_ok() => Ok(count),
        Some(Ok(_)) => Err(ApiError::provider(
            "the provider's answer is no token count",
        )),
        Some(Err(failure)) if !has_no_count(&failure) => {
            receipt
                .upstream_request_id
                .clone_from(&failure.upstream_request_id);
            Err(pinned::failed(failure))
        }
        _ => {
            let input_tokens = estimated_input(&incoming.head().shape);
            let count = serde_json::to_vec(&TokenCount { input_tokens });
            count
                .map(Bytes::from)
                .map_err(|error| ApiError::invalid(error.to_string()))
        }
    }
}

/// Whether the provider speaks the protocol but does not count: the path is not
/// there, and what says so is no error of the protocol.
fn has_no_count(failure: &Failure) -> bool {
    let protocol_error = failure.body.as_deref().and_then(error::read);
    matches!(failure.status, Some(404 | 405)) && protocol_error.is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::FailureKind;

    #[test]
    fn a_path_that_is_not_there_is_told_from_a_model_that_is_not() {
        let failure = |status, body: &'static str| Failure {
            status: Some(status),
            body: Some(Bytes::from_static(body.as_bytes())),
            ..Failure::new(FailureKind::Status, "")
        };
        let unknown_model =
            r#"{"type":"error","error":{"type":"not_found_error","message":"model: x"}}"#;
        assert!(has_no_count(&failure(404, "<html>")));
        assert!(has_no_count(&failure(405, r#"{"detail":"Not Allowed"}"#)));
        assert!(!has_no_count(&failure(404, unknown_model)));
        assert!(!has_no_count(&failure(400, "<html>")));
        assert!(!has_no_count(&Failure::new(FailureKind::TimedOut, "")));
    }
}
