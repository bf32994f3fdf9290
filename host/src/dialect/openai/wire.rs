//! What whole and streamed answers have in common on the wire.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::dialect::common::{self, StopReason};
use crate::dialect::json::{Text, count};

/// Usage. Its prompt tokens include the cached ones.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Usage {
    #[serde(deserialize_with = "count")]
    prompt_tokens: Option<u64>,
    #[serde(deserialize_with = "count")]
    completion_tokens: Option<u64>,
    prompt_tokens_details: Option<PromptDetails>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct PromptDetails {
    #[serde(deserialize_with = "count")]
    cached_tokens: Option<u64>,
}

impl From<Usage> for common::Usage {
    fn from(usage: Usage) -> Self {
        let cached = usage
            .prompt_tokens_details
            .and_then(|details| details.cached_tokens);
        let fresh = |prompt: u64| prompt.saturating_sub(cached.unwrap_or(0));
        Self {
            input_tokens: usage.prompt_tokens.map(fresh),
            output_tokens: usage.completion_tokens,
            cache_read: cached,
            cache_write: None,
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

/// Content: a string, or parts of which the text counts.
#[derive(Default)]
pub(super) struct Content<'a>(pub(super) Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Content<'a> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_bytes(ContentVisitor).map(Self)
    }
}

struct ContentVisitor;

impl<'de> Visitor<'de> for ContentVisitor {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or an array of parts")
    }

    fn visit_borrowed_bytes<E: Error>(self, text: &'de [u8]) -> Result<Self::Value, E> {
        Ok(String::from_utf8_lossy(text))
    }

    fn visit_bytes<E: Error>(self, text: &[u8]) -> Result<Self::Value, E> {
        Ok(Cow::Owned(String::from_utf8_lossy(text).into_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Self::Value, A::Error> {
        #[derive(Deserialize)]
        struct Part<'a> {
            #[serde(borrow)]
            text: Option<Text<'a>>,
        }
        let mut all = String::new();
        while let Some(Part { text }) = parts.next_element()? {
            if let Some(Text(text)) = text {
                all.push_str(&text);
            }
        }
        Ok(Cow::Owned(all))
    }
}
