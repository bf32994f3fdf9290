//! A request between dialects.

use std::borrow::Cow;

use serde_json::Number;
use serde_json::value::RawValue;

use crate::dialect::RequestError;

/// A conversation to be continued.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The system prompt's texts, in order, none of them empty.
    pub system: Vec<String>,
    /// The turns, in order. A turn may be empty, after blocks without a
    /// counterpart were left out.
    pub messages: Vec<Message>,
    /// The tools that the model may call.
    pub tools: Vec<Tool>,
    /// Whether it must.
    pub tool_choice: Option<ToolChoice>,
    /// Whether it may call several at once; `None` is the provider's default.
    pub parallel_tools: Option<bool>,
    /// The most output tokens; `None` is the provider's default.
    pub max_tokens: Option<u64>,
    /// Texts that end the answer.
    pub stop: Vec<String>,
    /// Whether the model thinks before it answers; `None` is the provider's
    /// default.
    pub thinking: Option<Thinking>,
    /// The form that the answer has to have; `None` is text.
    pub format: Option<Format>,
    /// Sampling temperature.
    pub temperature: Option<Number>,
    /// Nucleus sampling.
    pub top_p: Option<Number>,
}

/// Whether the model thinks before it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thinking {
    /// It does not.
    Off,
    /// It does, this much; `None` leaves that to the provider.
    On(Option<Effort>),
}

/// How much a model thinks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effort {
    /// Hardly.
    Minimal,
    /// A little.
    Low,
    /// As most do.
    Medium,
    /// Much.
    High,
    /// As much as it can.
    Max,
}

/// The form that an answer has to have.
#[derive(Debug, Clone)]
pub enum Format {
    /// Any JSON object.
    Json,
    /// JSON that a schema describes.
    Schema {
        /// What the caller calls it.
        name: Option<String>,
        /// The JSON schema.
        schema: Box<RawValue>,
        /// Whether the answer must match it exactly.
        strict: Option<bool>,
    },
}

/// One turn.
#[derive(Debug, Clone)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub blocks: Vec<Block>,
}

/// Who speaks in a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The caller, tool results included.
    User,
    /// The model.
    Assistant,
    /// The operator, in the midst of the conversation.
    System,
}

/// A piece of a turn.
#[derive(Debug, Clone)]
pub enum Block {
    /// Text, never empty.
    Text(String),
    /// An image.
    Image(Image),
    /// A call of a tool by the model.
    ToolUse(ToolUse),
    /// A tool's result.
    ToolResult {
        /// The call that it answers.
        tool_use_id: String,
        /// What the tool gave.
        content: Vec<ResultPart>,
    },
}

impl Block {
    /// The refusal of this block in the turn `message`, whose role can't have
    /// it in a provider's protocol.
    pub(in crate::dialect) fn misplaced(&self, message: usize) -> RequestError {
        let kind = match self {
            Self::Text(_) => "text",
            Self::Image(_) => "image",
            Self::ToolUse(_) => "tool_use",
            Self::ToolResult { .. } => "tool_result",
        };
        RequestError::Untranslatable {
            what: format!("a `{kind}` block in a turn of that role (messages[{message}])"),
        }
    }
}

/// A piece of a tool's result.
#[derive(Debug, Clone)]
pub enum ResultPart {
    /// Text, never empty.
    Text(String),
    /// An image.
    Image(Image),
}

/// An image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Image {
    /// Its data.
    Base64 {
        /// The media type, such as `image/png`.
        media_type: String,
        /// The data in base64.
        data: String,
    },
    /// Where it is.
    Url(String),
}

impl Image {
    /// Where it is; the data itself as a `data:` URL.
    pub(in crate::dialect) fn url(&self) -> Cow<'_, str> {
        match self {
            Self::Base64 { media_type, data } => {
                Cow::Owned(format!("data:{media_type};base64,{data}"))
            }
            Self::Url(url) => Cow::Borrowed(url),
        }
    }
}

/// A call of a tool.
#[derive(Debug, Clone)]
pub struct ToolUse {
    /// The call's id, unique in the conversation.
    pub id: String,
    /// The tool.
    pub name: String,
    /// Its arguments, a JSON object.
    pub input: Box<RawValue>,
}

/// A tool's definition.
#[derive(Debug, Clone)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// What it does.
    pub description: Option<String>,
    /// The JSON schema of its input.
    pub input_schema: Box<RawValue>,
    /// Whether calls must match the schema exactly.
    pub strict: Option<bool>,
}

/// Whether the model must call a tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ToolChoice {
    /// It may.
    Auto,
    /// It must call one or more.
    Any,
    /// It must not.
    None,
    /// It must call this one.
    Tool(String),
}
