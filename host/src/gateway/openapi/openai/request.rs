//! Requests.

#![expect(dead_code, reason = "they are read by their derives alone")]

use utoipa::ToSchema;

use crate::gateway::hint::RoutingHint;
use crate::gateway::openapi::forms::{any_of, constants};

/// A Chat Completions request. To a provider of the same dialect it goes byte
/// for byte, but for `model`, `routing_hint` and
/// `stream_options.include_usage`: fields that are not listed here pass
/// through. Nulls count as missing.
#[derive(ToSchema)]
pub struct ChatCompletionRequest {
    /// A routing target, or an alias of one, to have a model chosen; the slug
    /// of a model, or the id of an offer (`slug@provider`), to pin it.
    #[schema(min_length = 1, examples("ainfera-inference"))]
    model: String,
    /// The conversation so far.
    messages: Vec<ChatMessage>,
    /// Tools that the model may call. A model that takes none is no candidate;
    /// where it is pinned the call is refused.
    tools: Option<Vec<ChatTool>>,
    tool_choice: Option<ChatToolChoice>,
    parallel_tool_calls: Option<bool>,
    /// The most output tokens.
    #[schema(minimum = 1)]
    max_completion_tokens: Option<u64>,
    /// The older name of `max_completion_tokens`; not beside it.
    #[schema(minimum = 1, deprecated)]
    max_tokens: Option<u64>,
    /// Texts that end the answer.
    stop: Option<Stop>,
    /// Whether the answer is streamed.
    stream: Option<bool>,
    stream_options: Option<StreamOptions>,
    /// How much the model thinks before it answers; any but `none` asks for a
    /// model that can.
    reasoning_effort: Option<String>,
    response_format: Option<ResponseFormat>,
    #[schema(minimum = 0, maximum = 2)]
    temperature: Option<f64>,
    #[schema(minimum = 0, maximum = 1)]
    top_p: Option<f64>,
    routing_hint: Option<RoutingHint<'static>>,
}

/// A turn of the conversation.
#[derive(ToSchema)]
#[serde(tag = "role", rename_all = "lowercase")]
pub enum ChatMessage {
    System {
        content: ChatContent,
    },
    Developer {
        content: ChatContent,
    },
    User {
        content: ChatContent,
    },
    Assistant {
        content: Option<ChatContent>,
        refusal: Option<String>,
        tool_calls: Option<Vec<ChatToolCall>>,
    },
    /// What a tool answered.
    Tool {
        content: ChatContent,
        tool_call_id: String,
    },
}

/// A text, or parts.
#[derive(ToSchema)]
#[serde(untagged)]
pub enum ChatContent {
    Text(String),
    Parts(Vec<ContentPart>),
}

any_of! {
    /// A part of a turn.
    ContentPart = KnownPart | OtherPart
}

/// A part that is translated for providers of other dialects.
#[derive(ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum KnownPart {
    Text { text: String },
    ImageUrl { image_url: ImageUrl },
}

/// Any other part (audio, a file): passes through to a provider of the same
/// dialect, and can't be sent to another.
#[derive(ToSchema)]
pub struct OtherPart {
    r#type: String,
}

/// Where an image is.
#[derive(ToSchema)]
pub struct ImageUrl {
    /// A URL, or `data:image/png;base64,…`.
    url: String,
    detail: Option<String>,
}

/// A call of a tool.
#[derive(ToSchema)]
pub struct ChatToolCall {
    id: String,
    #[schema(inline)]
    r#type: FunctionType,
    function: CalledFunction,
}

constants! {
    FunctionType = "function";
}

/// The function that is called.
#[derive(ToSchema)]
pub struct CalledFunction {
    name: String,
    /// A JSON object, as text.
    arguments: String,
}

any_of! {
    /// A tool that the model may call.
    ChatTool = FunctionTool | OtherTool
}

/// A function of the caller's.
#[derive(ToSchema)]
pub struct FunctionTool {
    #[schema(inline)]
    r#type: FunctionType,
    function: FunctionDefinition,
}

/// A tool of the provider's own: passes through to a provider of the same
/// dialect, and can't be sent to another.
#[derive(ToSchema)]
pub struct OtherTool {
    r#type: String,
}

/// What the model is told of a function.
#[derive(ToSchema)]
pub struct FunctionDefinition {
    name: String,
    description: Option<String>,
    /// JSON Schema of its arguments.
    #[schema(value_type = Option<Object>)]
    parameters: (),
    /// Whether the arguments are held to the schema.
    strict: Option<bool>,
}

/// Which tools the model calls.
#[derive(ToSchema)]
#[serde(untagged)]
pub enum ChatToolChoice {
    Mode(ChatToolMode),
    Function(NamedTool),
}

/// Whether the model calls tools.
#[derive(ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ChatToolMode {
    Auto,
    Required,
    None,
}

/// The one tool that the model has to call.
#[derive(ToSchema)]
pub struct NamedTool {
    #[schema(inline)]
    r#type: FunctionType,
    function: NamedFunction,
}

/// A function's name.
#[derive(ToSchema)]
pub struct NamedFunction {
    name: String,
}

/// A text, or several.
#[derive(ToSchema)]
#[serde(untagged)]
pub enum Stop {
    One(String),
    Several(Vec<String>),
}

/// How the answer is streamed.
#[derive(ToSchema)]
pub struct StreamOptions {
    /// Whether the stream ends with what the answer used.
    include_usage: Option<bool>,
}

/// The form of the answer's text.
#[derive(ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ResponseFormat {
    Text {},
    JsonObject {},
    JsonSchema { json_schema: NamedSchema },
}

/// A JSON Schema by a name.
#[derive(ToSchema)]
pub struct NamedSchema {
    name: String,
    #[schema(value_type = Option<Object>)]
    schema: (),
    strict: Option<bool>,
}
