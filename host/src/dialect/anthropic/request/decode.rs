//! A Messages request in the form between dialects.

use std::fmt::Display;

use serde_json::value::RawValue;

use super::wire;
use crate::dialect::RequestError;
use crate::dialect::common::{
    Block, Effort, Format, Image, Message, Request, ResultPart, Role, Thinking, Tool, ToolChoice,
    ToolUse,
};
use crate::dialect::fields::wrong;
use crate::dialect::place::{Field, need, numbered, object};

/// Decodes a whole body.
pub(super) fn request(body: &str, max_tokens: Option<u64>) -> Result<Request, RequestError> {
    let wire: wire::Request<'_> = serde_json::from_str(body)?;
    if wire.mcp_servers.is_some_and(|servers| !servers.is_empty()) {
        let what = "the provider's own connector `mcp_servers`".to_owned();
        return Err(RequestError::Untranslatable { what });
    }
    let config = wire.output_config;
    let effort = config.as_ref().and_then(|config| config.effort);
    let format = config.and_then(|config| config.format);
    let format = format.map(|named| (named, "output_config.format"));
    let older = wire.output_format.map(|named| (named, "output_format"));
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
        thinking: wire.thinking.map(|asked| thinking(&asked, effort)),
        format: format.or(older).map(self::format).transpose()?,
        temperature: wire.temperature,
        top_p: wire.top_p,
    })
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
    let blocks = numbered(message.content.0, &Field(at, "content"), block)?;
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
    let parts = numbered(content.0, &Field(at, "content"), part)?;
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
        // What a client's own tool search found. Every tool is at hand here.
        "tool_reference" => Ok(text(need(block.tool_name, at, "tool_name")?)),
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

/// A budget stands for an effort where none is named. A thousand tokens is the
/// least that the dialect takes; coding agents ask for 4,000 to think, and for
/// 32,000 to think hard.
fn thinking(asked: &wire::Thinking, effort: Option<wire::Effort>) -> Thinking {
    let effort = effort.map(|effort| match effort {
        wire::Effort::Low => Effort::Low,
        wire::Effort::Medium => Effort::Medium,
        wire::Effort::High => Effort::High,
        wire::Effort::Xhigh | wire::Effort::Max => Effort::Max,
    });
    match asked {
        wire::Thinking::Disabled => Thinking::Off,
        wire::Thinking::Adaptive => Thinking::On(effort),
        wire::Thinking::Enabled { budget_tokens } => {
            let bought = match budget_tokens {
                0..4_000 => Effort::Low,
                4_000..16_000 => Effort::Medium,
                _ => Effort::High,
            };
            Thinking::On(effort.or(Some(bought)))
        }
    }
}

fn format((format, at): (wire::Format<'_>, &str)) -> Result<Format, RequestError> {
    if format.kind.0 != "json_schema" {
        let what = format!("the format `{}` (`{at}`)", format.kind.0);
        return Err(RequestError::Untranslatable { what });
    }
    Ok(Format::Schema {
        name: None,
        schema: object(format.schema, &at, "schema")?,
        // What makes a schema strict differs: claimed, it might be refused.
        strict: None,
    })
}

fn untranslatable(kind: &str, at: &dyn Display) -> RequestError {
    RequestError::Untranslatable {
        what: format!("the `{kind}` block at {at}"),
    }
}
