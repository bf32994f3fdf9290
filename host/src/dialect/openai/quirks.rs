//! How hosts of Chat Completions differ. Data of a provider, not code.

use serde::{Deserialize, Serialize};

use super::effort::{ReasoningEffort, nearest};
use crate::dialect::common::Thinking;

/// What a host takes where hosts differ. The default is OpenAI's own way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Quirks {
    /// The name of the output limit.
    pub max_tokens_field: MaxTokensField,
    /// Whether `stream_options.include_usage` is taken. A host that does not
    /// take it reports a stream's usage unasked.
    pub stream_usage: bool,
    /// Whether the role `developer` is taken. `system` is by all.
    pub developer_role: bool,
    /// Whether stop sequences are taken.
    pub stop: bool,
    /// Whether temperature and nucleus sampling are taken. Reasoning models
    /// refuse them; they are left out for a host that has no others.
    pub sampling: bool,
    /// How the host is told to think.
    pub thinking_field: ThinkingField,
    /// The efforts that it can be told; none where it can't be told at all.
    pub efforts: Vec<ReasoningEffort>,
    /// What the id of a tool call may be.
    pub tool_call_ids: ToolCallIds,
    /// Whether a tool's result has to name the tool.
    pub named_results: bool,
    /// Whether only the assistant may speak after a tool's result, and the
    /// system not after the assistant. The assistant is given a word there, and
    /// the user says what the system can't.
    pub strict_turns: bool,
    /// Whether a tool call of an earlier turn has to carry the signature of the
    /// thought that led to it. No other dialect can hold one, so the value
    /// goes along that the host documents for that.
    pub thought_signatures: bool,
}

impl Quirks {
    /// What effort to ask for: of those that the host can be told the nearest;
    /// none where it can be told none.
    #[must_use]
    pub fn effort(&self, thinking: Thinking) -> Option<ReasoningEffort> {
        nearest(thinking, &self.efforts)
    }
}

impl Default for Quirks {
    fn default() -> Self {
        use ReasoningEffort::{High, Low, Medium, None, Xhigh};
        Self {
            max_tokens_field: MaxTokensField::Either,
            stream_usage: true,
            developer_role: true,
            stop: true,
            sampling: true,
            thinking_field: ThinkingField::ReasoningEffort,
            efforts: vec![None, Low, Medium, High, Xhigh],
            tool_call_ids: ToolCallIds::Any,
            named_results: false,
            strict_turns: false,
            thought_signatures: false,
        }
    }
}

/// The names of the output limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaxTokensField {
    /// Both are taken, and `max_completion_tokens` is written.
    Either,
    /// `max_tokens` only: the other is refused, or passed over.
    MaxTokens,
    /// `max_completion_tokens` only, as OpenAI's reasoning models do.
    MaxCompletionTokens,
}

/// The fields that ask for thinking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThinkingField {
    /// `reasoning_effort`: OpenAI and most hosts.
    ReasoningEffort,
    /// `extra_body.google.thinking_config`: Gemini, which shows its thoughts by
    /// no other.
    ThinkingConfig,
    /// `enable_thinking`, which is on or off: the efforts don't matter.
    EnableThinking,
}

/// What the id of a tool call may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToolCallIds {
    /// Any text.
    Any,
    /// Exactly nine of `[A-Za-z0-9]`: Mistral.
    NineAlphanumerics,
}
