//! The gateway's own form, as it is documented. Its requests are Chat
//! Completions', its errors too.

#![expect(dead_code, reason = "they are read by their derives alone")]

use std::collections::BTreeMap;

use utoipa::openapi::{RefOr, Response};
use utoipa::{IntoResponses, ToSchema};

use super::answers::inference;
use super::forms::constants;
use crate::dialect::Dialect;
use crate::gateway::decision::Decision;

/// A whole answer. What does not exist is left out.
#[derive(ToSchema)]
pub struct Inference {
    #[schema(examples("inf_03792578ec401000"))]
    id: String,
    #[schema(inline)]
    object: InferenceObject,
    /// Seconds since the Unix epoch.
    created: i64,
    /// The offer that answered.
    #[schema(examples("sim-small@simulated"))]
    model: String,
    provider: String,
    /// The id of its receipt.
    #[schema(examples("rcp_03792578ec401000"))]
    receipt_id: String,
    #[schema(required = false, value_type = Decision<'static>)]
    decision: (),
    content_blocks: Vec<InferenceBlock>,
    finish_reason: FinishReason,
    /// The stop sequence that ended the answer.
    #[schema(required = false)]
    stop_sequence: String,
    usage: InferenceUsage,
    /// What the answer cost, in US dollars; estimated where the provider did not
    /// tell what it used, as the receipt says.
    #[schema(required = false, examples("0.000123"))]
    cost_usd: String,
}

constants! {
    InferenceObject = "inference";
}

/// A block of an answer.
#[derive(ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum InferenceBlock {
    /// What the model thought, where the call asked for it.
    Thinking {
        thinking: String,
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

/// Why the model stopped.
#[derive(ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FinishReason {
    EndTurn,
    MaxTokens,
    ToolUse,
    StopSequence,
    Refusal,
}

/// Tokens used. What the provider did not tell is left out.
#[derive(ToSchema)]
pub struct InferenceUsage {
    /// Input tokens that no cache served or stored.
    #[schema(required = false)]
    input_tokens: u64,
    #[schema(required = false)]
    output_tokens: u64,
    #[schema(required = false)]
    cache_read_tokens: u64,
    #[schema(required = false)]
    cache_write_tokens: u64,
}

/// An event of a streamed answer; `event:` repeats its `type`.
#[derive(ToSchema)]
#[serde(tag = "type")]
pub enum InferenceEvent {
    #[serde(rename = "inference.started")]
    Started {
        id: String,
        created: i64,
        model: String,
        provider: String,
        /// The id of its receipt, which is `pending` until the end.
        receipt_id: String,
        #[schema(required = false, value_type = Decision<'static>)]
        decision: (),
    },
    #[serde(rename = "content_block.started")]
    BlockStarted {
        index: u64,
        content_block: InferenceBlock,
    },
    #[serde(rename = "content_block.delta")]
    BlockDelta { index: u64, delta: InferenceDelta },
    #[serde(rename = "content_block.stopped")]
    BlockStopped { index: u64 },
    /// The end of a whole answer: it is recorded.
    #[serde(rename = "inference.completed")]
    Completed {
        id: String,
        finish_reason: FinishReason,
        #[schema(required = false)]
        stop_sequence: String,
        usage: InferenceUsage,
        #[schema(required = false)]
        cost_usd: String,
    },
    /// The provider is silent.
    #[serde(rename = "ping")]
    Ping {},
    /// The provider broke: the end of an answer that is not whole.
    #[serde(rename = "error")]
    Error { error: InferenceStreamError },
}

/// What is added to a block.
#[derive(ToSchema)]
#[serde(tag = "type")]
pub enum InferenceDelta {
    #[serde(rename = "thinking_delta")]
    Thinking { thinking: String },
    #[serde(rename = "text_delta")]
    Text { text: String },
    #[serde(rename = "input_json_delta")]
    InputJson { partial_json: String },
}

/// An error in a stream.
#[derive(ToSchema)]
pub struct InferenceStreamError {
    r#type: String,
    message: String,
}

/// What `POST /v1/inferences` answers.
pub struct InferenceAnswers;

impl IntoResponses for InferenceAnswers {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        inference::<Inference, InferenceEvent>(Dialect::Native)
    }
}
