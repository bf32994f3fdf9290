//! Answers as they lie on the wire, whole and streamed.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::value::RawValue;

use super::usage::Usage;
use crate::dialect::common::StopReason;

/// A `message`, whole or as a stream begins it.
#[derive(Serialize)]
pub(super) struct Message<'a> {
    pub(super) id: &'a str,
    pub(super) r#type: &'static str,
    pub(super) role: &'static str,
    pub(super) model: &'a str,
    pub(super) content: Vec<Block<'a>>,
    #[serde(flatten)]
    pub(super) stop: Stop<'a>,
    pub(super) usage: Usage,
}

/// Why an answer stopped; nulls while it has not.
#[derive(Serialize, Default)]
pub(super) struct Stop<'a> {
    stop_reason: Option<&'static str>,
    stop_sequence: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Block<'a> {
    Thinking {
        thinking: &'a str,
        /// Empty where nobody signed it, and where a stream begins.
        signature: &'a str,
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
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Event<'a> {
    MessageStart {
        message: Message<'a>,
    },
    ContentBlockStart {
        index: usize,
        content_block: Block<'a>,
    },
    ContentBlockDelta {
        index: usize,
        delta: Delta<'a>,
    },
    ContentBlockStop {
        index: usize,
    },
    MessageDelta {
        delta: Stop<'a>,
        usage: Usage,
    },
}

#[derive(Serialize)]
#[serde(tag = "type")]
pub(super) enum Delta<'a> {
    #[serde(rename = "thinking_delta")]
    Thinking { thinking: &'a str },
    #[serde(rename = "signature_delta")]
    Signature { signature: &'a str },
    #[serde(rename = "text_delta")]
    Text { text: &'a str },
    #[serde(rename = "input_json_delta")]
    InputJson { partial_json: &'a str },
}

impl Event<'_> {
    /// The name in the frame's `event:` line.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::MessageStart { .. } => "message_start",
            Self::ContentBlockStart { .. } => "content_block_start",
            Self::ContentBlockDelta { .. } => "content_block_delta",
            Self::ContentBlockStop { .. } => "content_block_stop",
            Self::MessageDelta { .. } => "message_delta",
        }
    }
}

impl<'a> Message<'a> {
    pub(super) fn new(id: &'a str, model: &'a str, usage: Usage) -> Self {
        Self {
            id,
            r#type: "message",
            role: "assistant",
            model,
            content: Vec::new(),
            stop: Stop::default(),
            usage,
        }
    }
}

impl<'a> From<&'a StopReason> for Stop<'a> {
    fn from(reason: &'a StopReason) -> Self {
        Self {
            stop_reason: Some(reason.name()),
            stop_sequence: match reason {
                StopReason::StopSequence(text) => Some(text),
                _ => None,
            },
        }
    }
}
