//! Turns as messages.

use std::borrow::Cow;

use super::super::Quirks;
use super::wire::{Call, CallFunction, Content, Message, Part};
use crate::dialect::RequestError;
use crate::dialect::common::{self, Block, Request, ResultPart, Role, ToolUse};

/// Stands for a result that is only an image, which the message for a result
/// can't hold.
const IMAGE_FOLLOWS: &str = "The result is an image: see the next message.";

/// Writes the system prompt and every turn. A turn that is left with nothing
/// to say is left out.
pub(super) fn encode<'a>(
    request: &'a Request,
    quirks: &Quirks,
) -> Result<Vec<Message<'a>>, RequestError> {
    let mut messages = Vec::with_capacity(request.messages.len() + 1);
    if !request.system.is_empty() {
        messages.push(system(joined(request.system.iter(), "\n\n"), quirks));
    }
    for (index, message) in request.messages.iter().enumerate() {
        match message.role {
            Role::User => user(message, index, &mut messages)?,
            Role::Assistant => assistant(message, index, &mut messages)?,
            Role::System => {
                let mut texts = Vec::new();
                for block in &message.blocks {
                    match block {
                        Block::Text(text) => texts.push(text),
                        other => return Err(misplaced(other, index)),
                    }
                }
                messages.push(system(joined(texts.into_iter(), "\n\n"), quirks));
            }
        }
    }
    Ok(messages)
}

fn system<'a>(content: Cow<'a, str>, quirks: &Quirks) -> Message<'a> {
    if quirks.developer_role {
        Message::Developer { content }
    } else {
        Message::System { content }
    }
}

/// Results go first, each a message of its own: they have to follow the turn
/// that asked for them. Their images go along with what the user says.
fn user<'a>(
    message: &'a common::Message,
    index: usize,
    messages: &mut Vec<Message<'a>>,
) -> Result<(), RequestError> {
    let mut result_images = Vec::new();
    let mut parts = Vec::new();
    for block in &message.blocks {
        match block {
            Block::Text(text) => parts.push(Part::Text { text }),
            Block::Image(image) => parts.push(image.into()),
            Block::ToolResult {
                tool_use_id,
                content,
            } => {
                let mut texts = Vec::new();
                for part in content {
                    match part {
                        ResultPart::Text(text) => texts.push(text),
                        ResultPart::Image(image) => result_images.push(Part::from(image)),
                    }
                }
                let content = if texts.is_empty() && !content.is_empty() {
                    Cow::Borrowed(IMAGE_FOLLOWS)
                } else {
                    joined(texts.into_iter(), "\n")
                };
                messages.push(Message::Tool {
                    tool_call_id: tool_use_id,
                    content,
                });
            }
            Block::ToolUse(_) => return Err(misplaced(block, index)),
        }
    }
    parts.splice(0..0, result_images);
    let content = match parts.as_slice() {
        [] => return Ok(()),
        // What every host takes.
        [Part::Text { text }] => Content::Text(text),
        _ => Content::Parts(parts),
    };
    messages.push(Message::User { content });
    Ok(())
}

fn assistant<'a>(
    message: &'a common::Message,
    index: usize,
    messages: &mut Vec<Message<'a>>,
) -> Result<(), RequestError> {
    let mut text = String::new();
    let mut tool_calls = Vec::new();
    for block in &message.blocks {
        match block {
            Block::Text(more) => text.push_str(more),
            Block::ToolUse(tool) => tool_calls.push(call(tool)),
            Block::Image(_) | Block::ToolResult { .. } => return Err(misplaced(block, index)),
        }
    }
    let content = (!text.is_empty()).then_some(text);
    if content.is_some() || !tool_calls.is_empty() {
        messages.push(Message::Assistant {
            content,
            tool_calls,
        });
    }
    Ok(())
}

fn call(tool: &ToolUse) -> Call<'_> {
    Call {
        id: &tool.id,
        r#type: "function",
        function: CallFunction {
            name: &tool.name,
            arguments: tool.input.get(),
        },
    }
}

fn joined<'a>(mut texts: impl Iterator<Item = &'a String>, between: &str) -> Cow<'a, str> {
    let mut all = Cow::Borrowed(texts.next().map_or("", String::as_str));
    for text in texts {
        let all = all.to_mut();
        all.push_str(between);
        all.push_str(text);
    }
    all
}

fn misplaced(block: &Block, message: usize) -> RequestError {
    let kind = match block {
        Block::Text(_) => "text",
        Block::Image(_) => "image",
        Block::ToolUse(_) => "tool_use",
        Block::ToolResult { .. } => "tool_result",
    };
    RequestError::Untranslatable {
        what: format!("a `{kind}` block in a turn of that role (messages[{message}])"),
    }
}
