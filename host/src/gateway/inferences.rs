//! `POST /v1/inferences`: the gateway's own form.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;

use super::openapi::idempotency::IdempotencyHeader;
use super::openapi::native::InferenceAnswers;
use super::openapi::openai::ChatCompletionRequest;
use super::{Gateway, inference};
use crate::dialect::Dialect;

/// Answers a call.
#[utoipa::path(
    post,
    path = "/v1/inferences",
    tag = "Inference",
    operation_id = "createInference",
    summary = "Answers a call in the gateway's own form.",
    description = "The request is a Chat Completions one. The answer says what was decided, who answered and what it cost; streamed, it comes as normalized events.",
    params(IdempotencyHeader),
    request_body(
        content = ChatCompletionRequest,
        examples(
            ("routed" = (summary = "A model is chosen", value = json!({"model": "ainfera-inference", "messages": [{"role": "user", "content": "Hello"}], "routing_hint": {"min_quality": "0.60"}}))),
            ("pinned" = (summary = "A model is named", value = json!({"model": "sim-small", "stream": true, "messages": [{"role": "user", "content": "Hello"}]})))
        )
    ),
    responses(InferenceAnswers)
)]
pub async fn inferences(State(gateway): State<Arc<Gateway>>, request: Request) -> Response {
    inference::answer(gateway, Dialect::Native, "/v1/inferences", request).await
}
