//! What whole and streamed answers to a client have in common.

use std::borrow::Cow;

use serde::Serialize;

use crate::dialect::common::{self, StopReason};

/// The id of a completion that this gateway composes for the call `id`.
pub(super) fn completion_id(id: &str) -> String {
    format!("chatcmpl-{id}")
}

/// The id of a tool call, which the call `id` makes at `index`; a provider that
/// gives none gets one.
pub(in crate::dialect) fn call_id<'a>(given: &'a str, id: &str, index: usize) -> Cow<'a, str> {
    if given.is_empty() {
        Cow::Owned(format!("call_{id}_{index}"))
    } else {
        Cow::Borrowed(given)
    }
}

/// Why an answer ended. A refusal is a filtered answer: what was said before it
/// is content and can't be told from the words of the refusal.
pub(super) fn finish_reason(stop: &StopReason) -> &'static str {
    match stop {
        StopReason::EndTurn | StopReason::StopSequence(_) => "stop",
        StopReason::MaxTokens => "length",
        StopReason::ToolUse => "tool_calls",
        StopReason::Refusal => "content_filter",
    }
}

/// A tool's name and the JSON text of its arguments.
#[derive(Serialize)]
pub(super) struct Function<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<&'a str>,
    pub(super) arguments: &'a str,
}

/// Tokens used. The prompt's include what a cache read or wrote.
#[derive(Serialize)]
pub(super) struct Usage {
    prompt_tokens: u64,
    completion_tokens: u64,
    total_tokens: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt_tokens_details: Option<PromptDetails>,
}

#[derive(Serialize)]
struct PromptDetails {
    #[serde(skip_serializing_if = "Option::is_none")]
    cached_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_write_tokens: Option<u64>,
}

impl Usage {
    /// None where the provider said nothing of it.
    pub(super) fn known(usage: &common::Usage) -> Option<Self> {
        let common::Usage {
            input_tokens,
            output_tokens,
            cache_read,
            cache_write,
        } = *usage;
        input_tokens.or(output_tokens)?;
        let cached = cache_read
            .unwrap_or(0)
            .saturating_add(cache_write.unwrap_or(0));
        let prompt_tokens = input_tokens.unwrap_or(0).saturating_add(cached);
        let completion_tokens = output_tokens.unwrap_or(0);
        let details = PromptDetails {
            cached_tokens: cache_read,
            cache_write_tokens: cache_write,
        };
        Some(Self {
            prompt_tokens,
            completion_tokens,
            total_tokens: prompt_tokens.saturating_add(completion_tokens),
            prompt_tokens_details: cache_read.or(cache_write).map(|_| details),
        })
    }
}
