//! `POST /v1/chat/completions`: OpenAI Chat Completions.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;

use super::openapi::idempotency::IdempotencyHeader;
use super::openapi::openai::{ChatAnswers, ChatCompletionRequest};
use super::{Gateway, inference};
use crate::dialect::Dialect;

/// Answers a call.
#[utoipa::path(
    post,
    path = "/v1/chat/completions",
    tag = "Inference",
    operation_id = "createChatCompletion",
    summary = "Answers a call in the OpenAI Chat Completions dialect.",
    description = "A routing target has a model chosen by the active policy; a model that is named gets the call and no other does.",
    params(IdempotencyHeader),
    request_body(
        content = ChatCompletionRequest,
        examples(
            ("routed" = (summary = "A model is chosen", value = json!({"model": "ainfera-inference", "messages": [{"role": "user", "content": "Hello"}], "routing_hint": {"max_cost": "0.01"}}))),
            ("pinned" = (summary = "A model is named", value = json!({"model": "sim-small", "stream": true, "stream_options": {"include_usage": true}, "messages": [{"role": "user", "content": "Hello"}]})))
        )
    ),
    responses(ChatAnswers)
)]
pub async fn chat_completions(State(gateway): State<Arc<Gateway>>, request: Request) -> Response {
    let route = "/v1/chat/completions";
    inference::answer(gateway, Dialect::OpenaiChat, route, request).await
}
