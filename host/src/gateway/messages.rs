//! `POST /v1/messages`: Anthropic Messages.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;

use super::openapi::anthropic::{AnthropicHeaders, MessageAnswers, MessagesRequest};
use super::openapi::idempotency::IdempotencyHeader;
use super::{Gateway, inference};
use crate::dialect::Dialect;

/// Answers a call.
#[utoipa::path(
    post,
    path = "/v1/messages",
    tag = "Inference",
    operation_id = "createMessage",
    summary = "Answers a call in the Anthropic Messages dialect.",
    description = "A routing target has a model chosen by the active policy; a model that is named gets the call and no other does.",
    params(
        AnthropicHeaders,
        IdempotencyHeader,
        ("beta" = Option<String>, Query, description = "Goes to an Anthropic provider as it is, as does the whole query.")
    ),
    request_body(
        content = MessagesRequest,
        examples(
            ("routed" = (summary = "A model is chosen", value = json!({"model": "ainfera-inference", "max_tokens": 256, "messages": [{"role": "user", "content": "Hello"}], "routing_hint": {"routing_preference": "quality"}}))),
            ("pinned" = (summary = "A model is named", value = json!({"model": "sim-small", "max_tokens": 256, "stream": true, "messages": [{"role": "user", "content": "Hello"}]})))
        )
    ),
    responses(MessageAnswers)
)]
pub async fn messages(State(gateway): State<Arc<Gateway>>, request: Request) -> Response {
    inference::answer(gateway, Dialect::Anthropic, "/v1/messages", request).await
}
