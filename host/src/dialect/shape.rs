//! What the engine needs to know of a request to choose an offer for it.

use serde::{Deserialize, Serialize};

/// The size and the demands of a request, whatever its dialect.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// UTF-8 bytes of everything the model reads as text: system, messages,
    /// tool results, and the JSON of tool definitions and tool inputs.
    pub text_bytes: u64,
    /// Images, those in tool results included.
    pub images: u32,
    /// Whether the request defines tools, or its history used some.
    pub tools: bool,
    /// Whether the request turns thinking on.
    pub thinking: bool,
    /// The most output tokens that the caller allows; `None` where its dialect
    /// lets it leave that open.
    pub max_tokens: Option<u64>,
}
