//! What whole and streamed answers have in common on the wire.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::{Deserializer, Error};
use serde_json::value::RawValue;

use super::content::{Content, ThoughtFlag, Thoughts};
use crate::dialect::common::{self, StopReason};
use crate::dialect::json::{Text, count};

/// Usage. Its prompt tokens include those of the cache.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Usage {
    #[serde(deserialize_with = "count")]
    prompt_tokens: Option<u64>,
    #[serde(deserialize_with = "count")]
    completion_tokens: Option<u64>,
    #[serde(deserialize_with = "count")]
    total_tokens: Option<u64>,
    prompt_tokens_details: Option<PromptDetails>,
    /// Where Together has it for some of its models.
    #[serde(deserialize_with = "count")]
    cached_tokens: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct PromptDetails {
    #[serde(deserialize_with = "count")]
    cached_tokens: Option<u64>,
    #[serde(deserialize_with = "count")]
    cache_write_tokens: Option<u64>,
}

impl Usage {
    /// The output. xAI and Gemini leave thoughts out of the completion tokens,
    /// though they charge for them, and only count them in the total.
    fn output(&self) -> Option<u64> {
        let beyond_prompt = |total: u64| total.checked_sub(self.prompt_tokens?);
        self.completion_tokens
            .max(self.total_tokens.and_then(beyond_prompt))
    }
}

impl From<Usage> for common::Usage {
    fn from(usage: Usage) -> Self {
        let details = usage.prompt_tokens_details.as_ref();
        let cached = details
            .and_then(|details| details.cached_tokens)
            .or(usage.cached_tokens);
        let written = details.and_then(|details| details.cache_write_tokens);
        let fresh = |prompt: u64| {
            prompt
                .saturating_sub(cached.unwrap_or(0))
                .saturating_sub(written.unwrap_or(0))
        };
        Self {
            input_tokens: usage.prompt_tokens.map(fresh),
            output_tokens: usage.output(),
            cache_read: cached,
            cache_write: written,
        }
    }
}

/// Why the model stopped, from `finish_reason`. Hosts say `stop` also after a
/// tool call that was demanded, and have words of their own for it.
pub(super) fn stop_reason(finish: &str, tool_use: bool, refused: bool) -> StopReason {
    match finish {
        "length" | "model_length" | "max_tokens" => StopReason::MaxTokens,
        "content_filter" | "refusal" => StopReason::Refusal,
        _ if refused => StopReason::Refusal,
        _ if tool_use => StopReason::ToolUse,
        _ => StopReason::EndTurn,
    }
}

/// Whether a `finish_reason` says that the host itself broke off, as Mistral
/// does.
pub(super) fn broke_off(finish: &str) -> bool {
    finish == "error"
}

/// A message, or a piece of one.
#[derive(Deserialize, Default)]
pub(super) struct Message<'a> {
    #[serde(borrow)]
    pub(super) content: Option<Content<'a>>,
    #[serde(borrow)]
    pub(super) refusal: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) tool_calls: Option<Vec<Call<'a>>>,
    /// Thoughts at most hosts.
    #[serde(borrow)]
    pub(super) reasoning_content: Option<Thoughts<'a>>,
    /// Thoughts at the others.
    #[serde(borrow)]
    pub(super) reasoning: Option<Thoughts<'a>>,
    /// Whether the content is thoughts, at Gemini.
    pub(super) extra_content: Option<ThoughtFlag>,
}

/// A tool call, or a piece of one.
#[derive(Deserialize)]
pub(super) struct Call<'a> {
    /// Which of parallel calls this is a piece of.
    pub(super) index: Option<u64>,
    #[serde(borrow)]
    pub(super) id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) function: Option<Function<'a>>,
}

#[derive(Deserialize, Default)]
pub(super) struct Function<'a> {
    #[serde(borrow)]
    pub(super) name: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) arguments: Arguments<'a>,
}

/// The JSON text of a call's arguments: a string, or what the string should
/// hold.
#[derive(Default)]
pub(super) struct Arguments<'a>(pub(super) Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Arguments<'a> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(json)?.get();
        match raw.as_bytes().first() {
            Some(b'"') => {
                let Text(text) = serde_json::from_str(raw).map_err(Error::custom)?;
                Ok(Self(text))
            }
            Some(b'{') => Ok(Self(Cow::Borrowed(raw))),
            _ => Ok(Self::default()),
        }
    }
}
