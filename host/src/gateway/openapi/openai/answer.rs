//! Answers.

#![expect(dead_code, reason = "they are read by their derives alone")]

use std::collections::BTreeMap;

use utoipa::openapi::{RefOr, Response};
use utoipa::{IntoResponses, ToSchema};

use super::request::ChatToolCall;
use crate::dialect::Dialect;
use crate::gateway::openapi::answers::inference;
use crate::gateway::openapi::forms::constants;

/// A whole answer. One of a provider of the same dialect comes byte for byte,
/// with whatever else it holds.
#[derive(ToSchema)]
pub struct ChatCompletion {
    /// The provider's, where it speaks the dialect.
    id: String,
    #[schema(inline)]
    object: CompletionObject,
    /// Seconds since the Unix epoch.
    created: i64,
    /// The model that answered.
    model: String,
    choices: Vec<ChatChoice>,
    usage: Option<ChatUsage>,
}

constants! {
    CompletionObject = "chat.completion";
    ChunkObject = "chat.completion.chunk";
}

/// The answer.
#[derive(ToSchema)]
pub struct ChatChoice {
    index: u64,
    message: ChatAnswer,
    #[schema(value_type = Option<Object>)]
    logprobs: (),
    finish_reason: Option<String>,
}

/// What the model said.
#[derive(ToSchema)]
pub struct ChatAnswer {
    role: String,
    content: Option<String>,
    refusal: Option<String>,
    /// What the model thought, where the call asked for it and the provider
    /// tells.
    reasoning_content: Option<String>,
    tool_calls: Option<Vec<ChatToolCall>>,
}

/// Tokens used.
#[derive(ToSchema)]
pub struct ChatUsage {
    /// With those that a cache served or stored.
    prompt_tokens: u64,
    completion_tokens: u64,
    total_tokens: u64,
    prompt_tokens_details: Option<PromptTokensDetails>,
}

/// What a cache had to do with the prompt.
#[derive(ToSchema)]
pub struct PromptTokensDetails {
    cached_tokens: Option<u64>,
    cache_write_tokens: Option<u64>,
}

/// A chunk of a streamed answer. The last chunk of a whole one is `[DONE]`;
/// where the provider breaks, the last is an error without it.
#[derive(ToSchema)]
pub struct ChatCompletionChunk {
    id: String,
    #[schema(inline)]
    object: ChunkObject,
    /// Seconds since the Unix epoch.
    created: i64,
    /// The model that answers.
    model: String,
    /// Empty in the chunk that holds the usage.
    choices: Vec<ChatChunkChoice>,
    /// What the answer used; null in all chunks but one.
    usage: Option<ChatUsage>,
}

/// What is added to the answer.
#[derive(ToSchema)]
pub struct ChatChunkChoice {
    index: u64,
    delta: ChatDelta,
    finish_reason: Option<String>,
}

/// What is added to what the model said.
#[derive(ToSchema)]
pub struct ChatDelta {
    role: Option<String>,
    content: Option<String>,
    reasoning_content: Option<String>,
    tool_calls: Option<Vec<ToolCallDelta>>,
}

/// A call of a tool, or more of one.
#[derive(ToSchema)]
pub struct ToolCallDelta {
    index: u64,
    id: Option<String>,
    r#type: Option<String>,
    function: CalledFunctionDelta,
}

/// More of a function's call.
#[derive(ToSchema)]
pub struct CalledFunctionDelta {
    name: Option<String>,
    arguments: Option<String>,
}

/// An error of the gateway's own.
#[derive(ToSchema)]
pub struct OpenaiError {
    error: OpenaiErrorDetail,
    /// As in the header `x-request-id`.
    request_id: String,
}

/// What went wrong.
#[derive(ToSchema)]
pub struct OpenaiErrorDetail {
    /// What happened, and what to do.
    message: String,
    /// In the dialect's words.
    r#type: String,
    param: Option<String>,
    /// In the gateway's, which are finer.
    code: String,
}

/// What `POST /v1/chat/completions` answers.
pub struct ChatAnswers;

impl IntoResponses for ChatAnswers {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        inference::<ChatCompletion, ChatCompletionChunk>(Dialect::OpenaiChat)
    }
}
