//! The parts of a Messages request that other dialects have too, as they lie
//! on the wire.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::value::SeqAccessDeserializer;
use serde::de::{Deserializer, Error, IgnoredAny, SeqAccess, Visitor};
use serde_json::Number;
use serde_json::value::RawValue;

use crate::dialect::json::Text;

#[derive(Deserialize)]
pub(super) struct Request<'a> {
    #[serde(borrow)]
    pub(super) system: Option<Content<'a>>,
    #[serde(borrow)]
    pub(super) messages: Vec<Message<'a>>,
    #[serde(borrow)]
    pub(super) tools: Option<Vec<Tool<'a>>>,
    pub(super) tool_choice: Option<ToolChoice>,
    pub(super) stop_sequences: Option<Vec<String>>,
    pub(super) thinking: Option<Thinking>,
    #[serde(borrow)]
    pub(super) output_config: Option<OutputConfig<'a>>,
    /// The older place of `output_config.format`.
    #[serde(borrow)]
    pub(super) output_format: Option<Format<'a>>,
    pub(super) mcp_servers: Option<Vec<IgnoredAny>>,
    pub(super) temperature: Option<Number>,
    pub(super) top_p: Option<Number>,
}

#[derive(Deserialize)]
pub(super) struct Message<'a> {
    pub(super) role: Role,
    #[serde(borrow)]
    pub(super) content: Content<'a>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
pub(super) enum Role {
    User,
    Assistant,
    System,
}

/// Any block: the fields of those that are translated. Which of them it needs
/// depends on its type, as does what is in the raw ones.
#[derive(Deserialize)]
pub(super) struct Block<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Text<'a>,
    #[serde(borrow)]
    pub(super) text: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) source: Option<&'a RawValue>,
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
    #[serde(borrow)]
    pub(super) input: Option<&'a RawValue>,
    pub(super) tool_use_id: Option<String>,
    #[serde(borrow)]
    pub(super) content: Option<&'a RawValue>,
    pub(super) tool_name: Option<String>,
}

/// Where an image or a document is.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(super) enum Source {
    Base64 {
        media_type: String,
        data: String,
    },
    Url {
        url: String,
    },
    Text {
        data: String,
    },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
pub(super) struct Tool<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Option<Text<'a>>,
    pub(super) name: String,
    pub(super) description: Option<String>,
    #[serde(borrow)]
    pub(super) input_schema: Option<&'a RawValue>,
    pub(super) strict: Option<bool>,
}

#[derive(Deserialize)]
pub(super) struct ToolChoice {
    #[serde(rename = "type")]
    pub(super) kind: ToolChoiceKind,
    pub(super) name: Option<String>,
    pub(super) disable_parallel_tool_use: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum ToolChoiceKind {
    Auto,
    Any,
    Tool,
    None,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(super) enum Thinking {
    Disabled,
    Enabled { budget_tokens: u64 },
    Adaptive,
}

#[derive(Deserialize)]
pub(super) struct OutputConfig<'a> {
    pub(super) effort: Option<Effort>,
    #[serde(borrow)]
    pub(super) format: Option<Format<'a>>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
pub(super) enum Effort {
    Low,
    Medium,
    High,
    Xhigh,
    Max,
}

#[derive(Deserialize)]
pub(super) struct Format<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Text<'a>,
    #[serde(borrow)]
    pub(super) schema: Option<&'a RawValue>,
}

/// Content: blocks, or a string that stands for one text block.
#[derive(Default)]
pub(super) struct Content<'a>(pub(super) Vec<Block<'a>>);

impl<'de: 'a, 'a> Deserialize<'de> for Content<'a> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_bytes(ContentVisitor).map(Self)
    }
}

struct ContentVisitor;

impl<'de> Visitor<'de> for ContentVisitor {
    type Value = Vec<Block<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or an array of blocks")
    }

    fn visit_borrowed_bytes<E: Error>(self, text: &'de [u8]) -> Result<Self::Value, E> {
        Ok(vec![Block::text(String::from_utf8_lossy(text))])
    }

    fn visit_bytes<E: Error>(self, text: &[u8]) -> Result<Self::Value, E> {
        let text = String::from_utf8_lossy(text).into_owned();
        Ok(vec![Block::text(Cow::Owned(text))])
    }

    fn visit_seq<A: SeqAccess<'de>>(self, blocks: A) -> Result<Self::Value, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(blocks))
    }
}

impl<'a> Block<'a> {
    fn text(text: Cow<'a, str>) -> Self {
        Self {
            kind: Text(Cow::Borrowed("text")),
            text: Some(Text(text)),
            source: None,
            id: None,
            name: None,
            input: None,
            tool_use_id: None,
            content: None,
            tool_name: None,
        }
    }
}
