//! An answer between dialects.

use super::ToolUse;

/// A whole answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The provider's id of it.
    pub upstream_id: Option<String>,
    /// What the model said, in order.
    pub blocks: Vec<AnswerBlock>,
    /// Why it stopped.
    pub stop_reason: StopReason,
    /// What it used.
    pub usage: Usage,
}

/// A piece of an answer.
#[derive(Debug, Clone)]
pub enum AnswerBlock {
    /// What the model thought before it said what follows.
    Thinking {
        /// The thoughts.
        text: String,
        /// What the provider signed them with, if it did.
        signature: Option<String>,
    },
    /// Text, never empty.
    Text(String),
    /// A call of a tool.
    ToolUse(ToolUse),
}

/// Why the model stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StopReason {
    /// It was done.
    EndTurn,
    /// It reached `max_tokens`.
    MaxTokens,
    /// It wants tools called.
    ToolUse,
    /// It wrote a stop sequence.
    StopSequence(String),
    /// It, or the provider, declined.
    Refusal,
}

/// Tokens used. `None` where the provider did not say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Input tokens that no cache served or stored.
    pub input_tokens: Option<u64>,
    /// Output tokens.
    pub output_tokens: Option<u64>,
    /// Input tokens read from a cache.
    pub cache_read: Option<u64>,
    /// Input tokens written to a cache.
    pub cache_write: Option<u64>,
}

impl Usage {
    /// Takes over every count that `later` has. Counts are totals so far,
    /// never increments.
    pub fn overwrite(&mut self, later: &Usage) {
        self.input_tokens = later.input_tokens.or(self.input_tokens);
        self.output_tokens = later.output_tokens.or(self.output_tokens);
        self.cache_read = later.cache_read.or(self.cache_read);
        self.cache_write = later.cache_write.or(self.cache_write);
    }
}

impl StopReason {
    /// The name in the record and in Anthropic's dialect.
    pub fn name(&self) -> &'static str {
        match self {
            Self::EndTurn => "end_turn",
            Self::MaxTokens => "max_tokens",
            Self::ToolUse => "tool_use",
            Self::StopSequence(_) => "stop_sequence",
            Self::Refusal => "refusal",
        }
    }

    /// Whether the answer may end anywhere, in the midst of a tool's input
    /// too.
    pub fn cuts_off(&self) -> bool {
        matches!(self, Self::MaxTokens | Self::Refusal)
    }
}
