//! A Messages request in the form between dialects.

use std::fmt::{self, Display};

use serde_json::value::RawValue;

use super::{missing, wire, wrong};
use crate::dialect::RequestError;
use crate::dialect::common::{
    Block, Image, Message, Request, ResultPart, Role, Tool, ToolChoice, ToolUse,
};

/// Decodes a whole body.
pub(super) fn request(body: &str, max_tokens: Option<u64>) -> Result<Request, RequestError> {
    let wire: wire::Request<'_> = serde_json::from_str(body)?;
    let choice = wire.tool_choice;
    let serial = choice
        .as_ref()
        .and_then(|choice| choice.disable_parallel_tool_use);
    Ok(Request {
        system: system(wire.system.unwrap_or_default())?,
        messages: numbered(wire.messages, &"messages", message)?,
        tools: numbered(wire.tools.unwrap_or_default(), &"tools", tool)?,
        tool_choice: choice.map(tool_choice).transpose()?,
        parallel_tools: serial.map(|serial| !serial),
        max_tokens,
        stop: wire.stop_sequences.unwrap_or_default(),
        temperature: wire.temperature,
        top_p: wire.top_p,
    })
}

/// A place in the body, written only into errors.
struct Item<'p> {
    list: &'p dyn Display,
    index: usize,
}

impl Display for Item<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]", self.list, self.index)
    }
}

/// The content of a turn or a block.
struct ContentOf<'p>(&'p dyn Display);

impl Display for ContentOf<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.content", self.0)
    }
}

/// Decodes each of `items`, which is told its place in `list`.
fn numbered<T, U>(
    items: Vec<T>,
    list: &dyn Display,
    decode: impl Fn(T, &dyn Display) -> Result<U, RequestError>,
) -> Result<Vec<U>, RequestError> {
    let decode = |(index, item)| decode(item, &Item { list, index });
    items.into_iter().enumerate().map(decode).collect()
}

fn system(content: wire::Content<'_>) -> Result<Vec<String>, RequestError> {
    let blocks = numbered(content.0, &"system", |block, at| match part(block, at)? {
        Some(ResultPart::Text(text)) => Ok(Some(text)),
        Some(ResultPart::Image(_)) => Err(untranslatable("image", at)),
        None => Ok(None),
    })?;
    Ok(blocks.into_iter().flatten().collect())
}

fn message(message: wire::Message<'_>, at: &dyn Display) -> Result<Message, RequestError> {
    let blocks = numbered(message.content.0, &ContentOf(at), block)?;
    Ok(Message {
        role: match message.role {
            wire::Role::User => Role::User,
            wire::Role::Assistant => Role::Assistant,
            wire::Role::System => Role::System,
        },
        blocks: blocks.into_iter().flatten().collect(),
    })
}

/// Decodes a block; none if it is one to be left out.
fn block(block: wire::Block<'_>, at: &dyn Display) -> Result<Option<Block>, RequestError> {
    match block.kind.0.as_ref() {
        // Only the provider that signed its thinking can read it.
        "thinking" | "redacted_thinking" => Ok(None),
        "tool_use" => Ok(Some(Block::ToolUse(ToolUse {
            id: need(block.id, at, "id")?,
            name: need(block.name, at, "name")?,
            input: object(block.input, at, "input")?,
        }))),
        "tool_result" => Ok(Some(Block::ToolResult {
            tool_use_id: need(block.tool_use_id, at, "tool_use_id")?,
            content: parts(block.content, at)?,
        })),
        _ => Ok(part(block, at)?.map(|part| match part {
            ResultPart::Text(text) => Block::Text(text),
            ResultPart::Image(image) => Block::Image(image),
        })),
    }
}

fn parts(content: Option<&RawValue>, at: &dyn Display) -> Result<Vec<ResultPart>, RequestError> {
    let Some(content) = content else {
        return Ok(Vec::new());
    };
    let content: wire::Content<'_> = serde_json::from_str(content.get())
        .map_err(|_| wrong(format!("{at}.content"), "a string or an array of blocks"))?;
    let parts = numbered(content.0, &ContentOf(at), part)?;
    Ok(parts.into_iter().flatten().collect())
}

/// Decodes a block that may stand anywhere; none if it is an empty text.
fn part(block: wire::Block<'_>, at: &dyn Display) -> Result<Option<ResultPart>, RequestError> {
    let text = |text: String| (!text.is_empty()).then_some(ResultPart::Text(text));
    match block.kind.0.as_ref() {
        "text" => Ok(text(need(block.text, at, "text")?.0.into_owned())),
        kind @ ("image" | "document") => {
            let source = need(block.source, at, "source")?;
            let source = serde_json::from_str(source.get())
                .map_err(|_| wrong(format!("{at}.source"), "a source of one of its types"))?;
            match (kind, source) {
                ("image", wire::Source::Base64 { media_type, data }) => {
                    Ok(Some(ResultPart::Image(Image::Base64 { media_type, data })))
                }
                ("image", wire::Source::Url { url }) => {
                    Ok(Some(ResultPart::Image(Image::Url(url))))
                }
                ("document", wire::Source::Text { data }) => Ok(text(data)),
                _ => Err(untranslatable(kind, at)),
            }
        }
        kind => Err(untranslatable(kind, at)),
    }
}

fn tool(tool: wire::Tool<'_>, at: &dyn Display) -> Result<Tool, RequestError> {
    match tool.kind {
        Some(kind) if kind.0 != "custom" => Err(RequestError::Untranslatable {
            what: format!("the provider's own tool `{}` ({at})", kind.0),
        }),
        _ => Ok(Tool {
            name: tool.name,
            description: tool.description,
            input_schema: object(tool.input_schema, at, "input_schema")?,
            strict: tool.strict,
        }),
    }
}

fn tool_choice(choice: wire::ToolChoice) -> Result<ToolChoice, RequestError> {
    Ok(match choice.kind {
        wire::ToolChoiceKind::Auto => ToolChoice::Auto,
        wire::ToolChoiceKind::Any => ToolChoice::Any,
        wire::ToolChoiceKind::None => ToolChoice::None,
        wire::ToolChoiceKind::Tool => ToolChoice::Tool(need(choice.name, &"tool_choice", "name")?),
    })
}

fn need<T>(value: Option<T>, at: &dyn Display, field: &str) -> Result<T, RequestError> {
    value.ok_or_else(|| missing(format!("{at}.{field}")))
}

fn object(
    value: Option<&RawValue>,
    at: &dyn Display,
    field: &str,
) -> Result<Box<RawValue>, RequestError> {
    match value {
        Some(value) if value.get().starts_with('{') => Ok(value.to_owned()),
        _ => Err(wrong(format!("{at}.{field}"), "an object")),
    }
}

fn untranslatable(kind: &str, at: &dyn Display) -> RequestError {
    RequestError::Untranslatable {
        what: format!("the `{kind}` block at {at}"),
    }
}
