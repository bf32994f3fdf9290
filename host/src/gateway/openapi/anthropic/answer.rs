//! Answers.

#![expect(dead_code, reason = "they are read by their derives alone")]

use std::collections::BTreeMap;

use utoipa::openapi::{RefOr, Response};
use utoipa::{IntoResponses, ToSchema};

use crate::dialect::Dialect;
use crate::gateway::count_tokens::TokenCount;
use crate::gateway::openapi::answers::{counted, inference};
use crate::gateway::openapi::forms::{any_of, constants};

/// A whole answer. One of a provider of the same dialect comes byte for byte,
/// with whatever else it holds.
#[derive(ToSchema)]
pub struct Message {
    /// The provider's, where it speaks the dialect.
    id: String,
    #[schema(inline)]
    r#type: MessageType,
    #[schema(inline)]
    role: AssistantRole,
    /// The model that answered.
    model: String,
    content: Vec<AnswerBlock>,
    stop_reason: Option<String>,
    stop_sequence: Option<String>,
    usage: MessageUsage,
}

constants! {
    MessageType = "message";
    AssistantRole = "assistant";
    ErrorType = "error";
}

any_of! {
    /// A block of an answer.
    AnswerBlock = KnownAnswerBlock | OtherAnswerBlock
}

/// A block of an answer that providers of other dialects give too.
#[derive(ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum KnownAnswerBlock {
    /// What the model thought, where the call asked for it.
    Thinking {
        thinking: String,
        /// Empty where the provider signs nothing.
        signature: String,
    },
    Text {
        text: String,
    },
    ToolUse {
        id: String,
        name: String,
        #[schema(value_type = Object)]
        input: (),
    },
}

/// Any other block of a provider of the same dialect.
#[derive(ToSchema)]
pub struct OtherAnswerBlock {
    r#type: String,
}

/// Tokens used.
#[derive(ToSchema)]
pub struct MessageUsage {
    /// Input tokens that no cache served or stored.
    input_tokens: u64,
    cache_creation_input_tokens: Option<u64>,
    cache_read_input_tokens: Option<u64>,
    output_tokens: u64,
}

/// An event of a streamed answer; `event:` repeats its `type`. A provider of
/// the same dialect sends what else it likes between them.
#[derive(ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum MessageStreamEvent {
    MessageStart {
        message: Message,
    },
    ContentBlockStart {
        index: u64,
        content_block: AnswerBlock,
    },
    ContentBlockDelta {
        index: u64,
        delta: ContentDelta,
    },
    ContentBlockStop {
        index: u64,
    },
    /// Its usage counts the whole answer.
    MessageDelta {
        delta: MessageStop,
        usage: MessageDeltaUsage,
    },
    /// The end of a whole answer.
    MessageStop {},
    /// The provider is silent.
    Ping {},
    /// The provider broke: the end of an answer that is not whole.
    Error {
        error: StreamError,
    },
}

/// What is added to a block.
#[derive(ToSchema)]
#[serde(tag = "type")]
pub enum ContentDelta {
    #[serde(rename = "text_delta")]
    Text { text: String },
    #[serde(rename = "input_json_delta")]
    InputJson { partial_json: String },
    #[serde(rename = "thinking_delta")]
    Thinking { thinking: String },
    #[serde(rename = "signature_delta")]
    Signature { signature: String },
}

/// Why the model stopped.
#[derive(ToSchema)]
pub struct MessageStop {
    stop_reason: Option<String>,
    stop_sequence: Option<String>,
}

/// Tokens used by the whole answer.
#[derive(ToSchema)]
pub struct MessageDeltaUsage {
    input_tokens: Option<u64>,
    cache_creation_input_tokens: Option<u64>,
    cache_read_input_tokens: Option<u64>,
    output_tokens: u64,
}

/// An error in a stream.
#[derive(ToSchema)]
pub struct StreamError {
    r#type: String,
    message: String,
}

/// An error of the gateway's own.
#[derive(ToSchema)]
pub struct AnthropicError {
    #[schema(inline)]
    r#type: ErrorType,
    error: AnthropicErrorDetail,
    /// As in the header `request-id`.
    request_id: String,
}

/// What went wrong.
#[derive(ToSchema)]
pub struct AnthropicErrorDetail {
    /// In the dialect's words.
    r#type: String,
    /// In the gateway's, which are finer.
    code: String,
    /// What happened, and what to do.
    message: String,
    details: AnthropicErrorDetails,
}

/// The code once more, where the dialect's clients look for one.
#[derive(ToSchema)]
pub struct AnthropicErrorDetails {
    error_code: String,
}

/// What `POST /v1/messages` answers.
pub struct MessageAnswers;

impl IntoResponses for MessageAnswers {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        inference::<Message, MessageStreamEvent>(Dialect::Anthropic)
    }
}

/// What `POST /v1/messages/count_tokens` answers.
pub struct TokenCounts;

impl IntoResponses for TokenCounts {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        counted::<TokenCount>()
    }
}
