//! What a model says, whatever the protocol.

use serde_json::Value;

/// A model's answer, protocol-neutral.
#[derive(Clone, Debug)]
pub struct Answer {
    /// In order.
    pub blocks: Vec<Block>,
    /// In Anthropic's words; translated for the other protocols.
    pub stop_reason: String,
    /// The one that ended it (Anthropic only).
    pub stop_sequence: Option<String>,
    /// Tokens reported.
    pub usage: Usage,
    /// How a stream ends, after `frames` of it (None: all but the end events
    /// where the end is not `Whole`).
    pub end: End,
    /// How many frames a stream gives before `end`, if not `Whole`.
    pub frames: Option<usize>,
    /// Pings after the first event, before each delta.
    pub pings: bool,
    /// Events that no dialect knows (not in Chat Completions, which has none).
    pub unknown: bool,
    /// OpenAI's protocols only: the pieces of parallel tool calls interleaved.
    pub interleave: bool,
}

/// One content block.
#[derive(Clone, Debug)]
pub enum Block {
    /// Text; streamed word by word.
    Text(String),
    /// Thinking and its signature: `reasoning_content` in Chat Completions, which
    /// has no signature, and a summary in Responses, which gives none unasked.
    Thinking {
        /// The thoughts, streamed word by word.
        text: String,
        /// What Anthropic signs them with.
        signature: String,
    },
    /// Words of a model that declines: a field of its own in OpenAI's protocols,
    /// text in Anthropic's.
    Refusal(String),
    /// A tool call; its input is streamed in pieces of a few bytes.
    Tool {
        /// Of the call.
        id: String,
        /// Of the tool.
        name: String,
        /// An object.
        input: Value,
    },
}

/// Tokens that the provider reports.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// Not counting cached ones.
    pub input: u64,
    /// All of the answer.
    pub output: u64,
    /// Read from the provider's cache.
    pub cache_read: u64,
    /// Written to it.
    pub cache_write: u64,
}

/// How a stream ends.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    /// With all of its events.
    Whole,
    /// The TCP connection is reset.
    Abort,
    /// The body ends properly, without the last events.
    Close,
    /// Nothing more comes, and the connection stays open.
    Hang,
    /// An error event of this type and message, then the body ends.
    Error(String, String),
}
