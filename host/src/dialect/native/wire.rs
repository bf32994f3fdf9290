//! Answers as they lie on the wire, whole and streamed.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::value::RawValue;

use crate::dialect::common::{self, StopReason};
use crate::dialect::names::Names;

/// What an answer says of itself before it says anything else.
#[derive(Serialize)]
pub(super) struct Opening<'a> {
    pub(super) created: i64,
    pub(super) model: &'a str,
    pub(super) provider: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) receipt_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) decision: Option<Box<RawValue>>,
}

/// What it says at its end.
#[derive(Serialize)]
pub(super) struct Ending<'a> {
    finish_reason: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    stop_sequence: Option<&'a str>,
    usage: Usage,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost_usd: Option<&'a str>,
}

/// Tokens used; what the provider did not say is left out.
#[derive(Serialize)]
struct Usage {
    #[serde(skip_serializing_if = "Option::is_none")]
    input_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_read_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_write_tokens: Option<u64>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Block<'a> {
    Thinking {
        thinking: &'a str,
    },
    Text {
        text: &'a str,
    },
    ToolUse {
        id: Cow<'a, str>,
        name: &'a str,
        input: Input<'a>,
    },
}

/// The input of a tool call, which a stream begins empty.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Input<'a> {
    Empty {},
    Raw(&'a RawValue),
}

#[derive(Serialize)]
#[serde(tag = "type")]
pub(super) enum Delta<'a> {
    #[serde(rename = "thinking_delta")]
    Thinking { thinking: &'a str },
    #[serde(rename = "text_delta")]
    Text { text: &'a str },
    #[serde(rename = "input_json_delta")]
    InputJson { partial_json: &'a str },
}

/// An event of a stream.
#[derive(Serialize)]
#[serde(tag = "type")]
pub(super) enum Event<'a> {
    #[serde(rename = "inference.started")]
    Started {
        id: &'a str,
        #[serde(flatten)]
        opening: Opening<'a>,
    },
    #[serde(rename = "content_block.started")]
    BlockStarted {
        index: usize,
        content_block: Block<'a>,
    },
    #[serde(rename = "content_block.delta")]
    BlockDelta { index: usize, delta: Delta<'a> },
    #[serde(rename = "content_block.stopped")]
    BlockStopped { index: usize },
    #[serde(rename = "inference.completed")]
    Completed {
        id: &'a str,
        #[serde(flatten)]
        ending: Ending<'a>,
    },
    #[serde(rename = "error")]
    Error { error: Error<'a> },
}

#[derive(Serialize)]
pub(super) struct Error<'a> {
    pub(super) r#type: &'static str,
    pub(super) message: &'a str,
}

impl Event<'_> {
    /// The name in the frame's `event:` line, which is its type.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Started { .. } => "inference.started",
            Self::BlockStarted { .. } => "content_block.started",
            Self::BlockDelta { .. } => "content_block.delta",
            Self::BlockStopped { .. } => "content_block.stopped",
            Self::Completed { .. } => "inference.completed",
            Self::Error { .. } => "error",
        }
    }
}

impl<'a> From<&'a Names> for Opening<'a> {
    fn from(names: &'a Names) -> Self {
        let decision = names.native.decision.clone();
        Self {
            created: names.created,
            model: &names.model,
            provider: &names.native.provider,
            receipt_id: &names.native.receipt_id,
            decision: RawValue::from_string(decision).ok(),
        }
    }
}

impl<'a> Ending<'a> {
    /// The end of an answer that stopped for `stop`, used `usage` and cost
    /// `cost_usd`.
    pub(super) fn new(
        stop: &'a StopReason,
        usage: &common::Usage,
        cost_usd: Option<&'a str>,
    ) -> Self {
        Self {
            finish_reason: stop.name(),
            stop_sequence: match stop {
                StopReason::StopSequence(text) => Some(text),
                _ => None,
            },
            usage: Usage {
                input_tokens: usage.input_tokens,
                output_tokens: usage.output_tokens,
                cache_read_tokens: usage.cache_read,
                cache_write_tokens: usage.cache_write,
            },
            cost_usd,
        }
    }
}
