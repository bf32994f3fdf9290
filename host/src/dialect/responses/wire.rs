//! What whole and streamed answers have in common on the wire.

use serde::Deserialize;
use serde::de::{Deserializer, Error};
use serde_json::value::RawValue;

use crate::dialect::common::{self, StopReason};
use crate::dialect::json::{Text, count};

/// A response, as far as it came.
#[derive(Deserialize)]
pub(super) struct Response<'a> {
    #[serde(borrow)]
    pub(super) id: Option<Text<'a>>,
    #[serde(borrow)]
    status: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) output: Option<Vec<Item<'a>>>,
    #[serde(borrow)]
    incomplete_details: Option<IncompleteDetails<'a>>,
    pub(super) usage: Option<Usage>,
}

#[derive(Deserialize)]
struct IncompleteDetails<'a> {
    #[serde(borrow)]
    reason: Option<Text<'a>>,
}

impl Response<'_> {
    /// Its status; one without counts as complete.
    pub(super) fn status(&self) -> &str {
        self.status
            .as_ref()
            .map_or("completed", |Text(status)| status)
    }

    /// Why the model stopped. Of all reasons to be incomplete only a filter is
    /// no limit.
    pub(super) fn stop_reason(&self, tool_use: bool, refused: bool) -> StopReason {
        let details = self.incomplete_details.as_ref();
        let why = details.and_then(|details| details.reason.as_ref());
        if why.is_some_and(|Text(reason)| reason == "content_filter") {
            StopReason::Refusal
        } else if self.status() == "incomplete" {
            StopReason::MaxTokens
        } else if refused {
            StopReason::Refusal
        } else if tool_use {
            StopReason::ToolUse
        } else {
            StopReason::EndTurn
        }
    }
}

/// An item of the output.
pub(super) enum Item<'a> {
    /// What the model says.
    Message(Vec<Part<'a>>),
    /// What it thought, in summary.
    Reasoning(Vec<Part<'a>>),
    /// A call of a function.
    Call(Call<'a>),
    /// What has no counterpart in other dialects: tools that the provider runs
    /// itself, which are never asked for, and kinds yet to come.
    Other,
}

impl Item<'_> {
    /// Whether by it the model declines.
    pub(super) fn refuses(&self) -> bool {
        match self {
            Self::Message(parts) => parts.iter().any(|part| part.refusal.is_some()),
            _ => false,
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Item<'a> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Kind<'a> {
            #[serde(borrow)]
            r#type: Option<Text<'a>>,
        }
        #[derive(Deserialize)]
        struct Message<'a> {
            #[serde(borrow)]
            content: Option<Vec<Part<'a>>>,
        }
        #[derive(Deserialize)]
        struct Reasoning<'a> {
            #[serde(borrow)]
            summary: Option<Vec<Part<'a>>>,
        }
        fn read<'a, T: Deserialize<'a>, E: Error>(raw: &'a RawValue) -> Result<T, E> {
            serde_json::from_str(raw.get()).map_err(E::custom)
        }
        let raw = <&RawValue>::deserialize(json)?;
        let kind: Kind<'_> = read(raw)?;
        Ok(match kind.r#type.as_ref().map_or("", |Text(kind)| kind) {
            "message" => {
                let Message { content } = read(raw)?;
                Self::Message(content.unwrap_or_default())
            }
            "reasoning" => {
                let Reasoning { summary } = read(raw)?;
                Self::Reasoning(summary.unwrap_or_default())
            }
            "function_call" => Self::Call(read(raw)?),
            _ => Self::Other,
        })
    }
}

/// A part of a message or a summary.
#[derive(Deserialize)]
pub(super) struct Part<'a> {
    #[serde(borrow)]
    text: Option<Text<'a>>,
    #[serde(borrow)]
    refusal: Option<Text<'a>>,
}

impl Part<'_> {
    /// What it says.
    pub(super) fn text(&self) -> &str {
        let said = self.text.as_ref().or(self.refusal.as_ref());
        said.map_or("", |Text(text)| text)
    }
}

/// A call of a function.
#[derive(Deserialize)]
pub(super) struct Call<'a> {
    #[serde(borrow)]
    call_id: Option<Text<'a>>,
    #[serde(borrow)]
    name: Option<Text<'a>>,
    #[serde(borrow)]
    arguments: Option<Text<'a>>,
}

impl Call<'_> {
    /// What its result has to name; not the id of the item.
    pub(super) fn id(&self) -> &str {
        self.call_id.as_ref().map_or("", |Text(id)| id)
    }

    /// The function.
    pub(super) fn name(&self) -> &str {
        self.name.as_ref().map_or("", |Text(name)| name)
    }

    /// JSON in a string, empty until it is known.
    pub(super) fn arguments(&self) -> &str {
        self.arguments.as_ref().map_or("", |Text(json)| json)
    }
}

/// Usage. Its input tokens include those that a cache served or stored.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Usage {
    #[serde(deserialize_with = "count")]
    input_tokens: Option<u64>,
    #[serde(deserialize_with = "count")]
    output_tokens: Option<u64>,
    input_tokens_details: Option<InputDetails>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct InputDetails {
    #[serde(deserialize_with = "count")]
    cached_tokens: Option<u64>,
    #[serde(deserialize_with = "count")]
    cache_write_tokens: Option<u64>,
}

impl From<Usage> for common::Usage {
    fn from(usage: Usage) -> Self {
        let details = usage.input_tokens_details.unwrap_or_default();
        let cached = [details.cached_tokens, details.cache_write_tokens];
        let cached: u64 = cached.into_iter().flatten().fold(0, u64::saturating_add);
        Self {
            input_tokens: usage.input_tokens.map(|all| all.saturating_sub(cached)),
            output_tokens: usage.output_tokens,
            cache_read: details.cached_tokens,
            cache_write: details.cache_write_tokens,
        }
    }
}
