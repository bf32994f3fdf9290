//! How hosts of Chat Completions differ. Data of a provider, not code.

use serde::{Deserialize, Serialize};

/// What a host takes where hosts differ. The default is OpenAI's own way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Quirks {
    /// The name of the output limit.
    pub max_tokens_field: MaxTokensField,
    /// Whether a stream reports usage when asked by
    /// `stream_options.include_usage`.
    pub stream_usage: bool,
    /// Whether the system prompt goes under the role `developer`.
    pub developer_role: bool,
}

impl Default for Quirks {
    fn default() -> Self {
        Self {
            max_tokens_field: MaxTokensField::MaxCompletionTokens,
            stream_usage: true,
            developer_role: false,
        }
    }
}

/// The two names of the output limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaxTokensField {
    /// `max_tokens`: most hosts.
    MaxTokens,
    /// `max_completion_tokens`: OpenAI, whose reasoning models refuse the
    /// other.
    MaxCompletionTokens,
}
