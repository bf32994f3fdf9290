//! Requests.

#![expect(dead_code, reason = "they are read by their derives alone")]

use utoipa::{IntoParams, ToSchema};

use crate::gateway::hint::RoutingHint;
use crate::gateway::openapi::forms::any_of;

/// Headers that an Anthropic provider gets as they are, as it does any other
/// `anthropic-*`.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub struct AnthropicHeaders {
    /// `2023-06-01` where it is not given.
    #[param(rename = "anthropic-version", example = "2023-06-01")]
    version: Option<String>,
    /// Features to turn on.
    #[param(rename = "anthropic-beta")]
    beta: Option<String>,
}

/// A header that asks for Anthropic's shape.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub struct AnthropicShape {
    /// Any value asks for Anthropic's shape.
    #[param(rename = "anthropic-version", example = "2023-06-01")]
    version: Option<String>,
}

/// A Messages request. To a provider of the same dialect it goes byte for byte,
/// but for `model` and `routing_hint`: fields that are not listed here, and
/// kinds of block and tool, pass through.
#[derive(ToSchema)]
pub struct MessagesRequest {
    /// A routing target, or an alias of one, to have a model chosen; the slug
    /// of a model, or the id of an offer (`slug@provider`), to pin it.
    #[schema(min_length = 1, examples("ainfera-inference"))]
    model: String,
    /// The most output tokens.
    #[schema(minimum = 1, examples(1024))]
    max_tokens: u64,
    /// The conversation so far.
    messages: Vec<MessageTurn>,
    /// What the operator says.
    system: Option<TextOrBlocks>,
    /// Tools that the model may call. A model that takes none is no candidate;
    /// where it is pinned the call is refused.
    tools: Option<Vec<MessagesTool>>,
    tool_choice: Option<MessagesToolChoice>,
    thinking: Option<Thinking>,
    output_config: Option<OutputConfig>,
    /// Texts that end the answer.
    stop_sequences: Option<Vec<String>>,
    /// Whether the answer is streamed.
    stream: Option<bool>,
    #[schema(minimum = 0, maximum = 1)]
    temperature: Option<f64>,
    #[schema(minimum = 0, maximum = 1)]
    top_p: Option<f64>,
    routing_hint: Option<RoutingHint<'static>>,
}

/// A request to count the input tokens of a Messages request: the same but for
/// its output limit and whether it is streamed.
#[derive(ToSchema)]
pub struct CountTokensRequest {
    /// As in a Messages request. A routed one is counted by the offer that
    /// would be tried first.
    #[schema(min_length = 1, examples("ainfera-inference"))]
    model: String,
    /// The conversation so far.
    messages: Vec<MessageTurn>,
    /// What the operator says.
    system: Option<TextOrBlocks>,
    /// Tools that the model may call.
    tools: Option<Vec<MessagesTool>>,
    tool_choice: Option<MessagesToolChoice>,
    thinking: Option<Thinking>,
    routing_hint: Option<RoutingHint<'static>>,
}

/// A turn of the conversation.
#[derive(ToSchema)]
pub struct MessageTurn {
    role: MessageRole,
    content: TextOrBlocks,
}

/// Whose turn it is.
#[derive(ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum MessageRole {
    User,
    Assistant,
    System,
}

/// A text, or blocks.
#[derive(ToSchema)]
#[serde(untagged)]
pub enum TextOrBlocks {
    Text(String),
    Blocks(Vec<ContentBlock>),
}

any_of! {
    /// A block of content.
    ContentBlock = KnownBlock | OtherBlock
}

/// A block that is translated for providers of other dialects.
#[derive(ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum KnownBlock {
    Text {
        text: String,
    },
    Image {
        source: ImageSource,
    },
    /// Goes only to the provider that signed it.
    Thinking {
        thinking: String,
        signature: String,
    },
    ToolUse {
        id: String,
        name: String,
        #[schema(value_type = Object)]
        input: (),
    },
    ToolResult {
        tool_use_id: String,
        content: Option<ResultContent>,
        is_error: Option<bool>,
    },
}

/// Any other block (`document`, a server tool's, a new one): passes through to
/// a provider of the same dialect, and can't be sent to another.
#[derive(ToSchema)]
pub struct OtherBlock {
    r#type: String,
}

/// Where an image is.
#[derive(ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ImageSource {
    Base64 {
        #[schema(examples("image/png"))]
        media_type: String,
        #[schema(content_encoding = "base64")]
        data: String,
    },
    Url {
        url: String,
    },
}

/// What a tool answered.
#[derive(ToSchema)]
#[serde(untagged)]
pub enum ResultContent {
    Text(String),
    Blocks(Vec<ResultBlock>),
}

/// A block of a tool's answer.
#[derive(ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ResultBlock {
    Text { text: String },
    Image { source: ImageSource },
}

any_of! {
    /// A tool that the model may call.
    MessagesTool = CustomTool | ServerTool
}

/// A tool of the caller's.
#[derive(ToSchema)]
pub struct CustomTool {
    name: String,
    description: Option<String>,
    /// JSON Schema of its input.
    #[schema(value_type = Object)]
    input_schema: (),
    /// Whether the input is held to the schema.
    strict: Option<bool>,
}

/// A tool of the provider's own: passes through to a provider of the same
/// dialect, and can't be sent to another.
#[derive(ToSchema)]
pub struct ServerTool {
    r#type: String,
    name: String,
}

/// Which tools the model calls.
#[derive(ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum MessagesToolChoice {
    Auto {
        disable_parallel_tool_use: Option<bool>,
    },
    Any {
        disable_parallel_tool_use: Option<bool>,
    },
    Tool {
        name: String,
        disable_parallel_tool_use: Option<bool>,
    },
    None {},
}

/// Whether the model thinks before it answers.
#[derive(ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Thinking {
    Enabled {
        /// The most tokens to think with.
        budget_tokens: u64,
    },
    Adaptive {},
    Disabled {},
}

/// How the model answers.
#[derive(ToSchema)]
pub struct OutputConfig {
    /// How much it thinks.
    effort: Option<String>,
    format: Option<OutputFormat>,
}

/// The form of the answer's text.
#[derive(ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum OutputFormat {
    JsonSchema {
        #[schema(value_type = Object)]
        schema: (),
    },
}
