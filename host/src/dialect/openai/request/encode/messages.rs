//! Turns as messages.

use std::borrow::Cow;
use std::collections::HashMap;

use super::tool_id::tool_id;
use super::wire::{Call, CallFunction, Content, ExtraContent, Message, Part};
use crate::dialect::RequestError;
use crate::dialect::common::{self, Block, Request, ResultPart, Role, ToolUse};
use crate::dialect::openai::Quirks;

/// Stands for a result that is only an image, which the message for a result
/// can't hold.
const IMAGE_FOLLOWS: &str = "The result is an image: see the next message.";

/// What the assistant says where a host lets nobody else speak.
const GO_ON: &str = "Go on.";

/// Writes the system prompt and every turn. A turn that is left with nothing
/// to say is left out.
pub(super) fn encode<'a>(
    request: &'a Request,
    quirks: &'a Quirks,
) -> Result<Vec<Message<'a>>, RequestError> {
    let mut writer = Writer {
        quirks,
        tools: HashMap::new(),
        messages: Vec::with_capacity(request.messages.len() + 1),
    };
    if !request.system.is_empty() {
        writer.system(joined(request.system.iter(), "\n\n"));
    }
    for (index, message) in request.messages.iter().enumerate() {
        match message.role {
            Role::User => writer.user(message, index)?,
            Role::Assistant => writer.assistant(message, index)?,
            Role::System => {
                let mut texts = Vec::new();
                for block in &message.blocks {
                    match block {
                        Block::Text(text) => texts.push(text),
                        other => return Err(other.misplaced(index)),
                    }
                }
                writer.system(joined(texts.into_iter(), "\n\n"));
            }
        }
    }
    Ok(writer.messages)
}

struct Writer<'a> {
    quirks: &'a Quirks,
    /// The tool that each call so far is of, for a host that wants to know.
    tools: HashMap<&'a str, &'a str>,
    messages: Vec<Message<'a>>,
}

impl<'a> Writer<'a> {
    fn system(&mut self, content: Cow<'a, str>) {
        if self.quirks.strict_turns && self.assistant_speaks() {
            self.bridge();
            let content = Content::Text(content);
            self.messages.push(Message::User { content });
        } else {
            self.messages.push(Message::System { content });
        }
    }

    /// Results go first, each a message of its own: they have to follow the
    /// turn that asked for them. Their images go along with what the user says.
    fn user(&mut self, message: &'a common::Message, index: usize) -> Result<(), RequestError> {
        let mut result_images = Vec::new();
        let mut parts = Vec::new();
        for block in &message.blocks {
            match block {
                Block::Text(text) => parts.push(Part::Text { text }),
                Block::Image(image) => parts.push(image.into()),
                Block::ToolResult {
                    tool_use_id,
                    content,
                } => self.result(tool_use_id, content, &mut result_images),
                Block::ToolUse(_) => return Err(block.misplaced(index)),
            }
        }
        parts.splice(0..0, result_images);
        let content = match parts.as_slice() {
            [] => return Ok(()),
            // What every host takes.
            [Part::Text { text }] => Content::Text(Cow::Borrowed(text)),
            _ => Content::Parts(parts),
        };
        if self.quirks.strict_turns {
            self.bridge();
        }
        self.messages.push(Message::User { content });
        Ok(())
    }

    fn result(&mut self, id: &'a str, content: &'a [ResultPart], images: &mut Vec<Part<'a>>) {
        let mut texts = Vec::new();
        for part in content {
            match part {
                ResultPart::Text(text) => texts.push(text),
                ResultPart::Image(image) => images.push(image.into()),
            }
        }
        let content = if texts.is_empty() && !content.is_empty() {
            Cow::Borrowed(IMAGE_FOLLOWS)
        } else {
            joined(texts.into_iter(), "\n")
        };
        self.messages.push(Message::Tool {
            tool_call_id: tool_id(id, self.quirks.tool_call_ids),
            name: self.tools.get(id).copied(),
            content,
        });
    }

    fn assistant(
        &mut self,
        message: &'a common::Message,
        index: usize,
    ) -> Result<(), RequestError> {
        let mut text = String::new();
        let mut tool_calls = Vec::new();
        for block in &message.blocks {
            match block {
                Block::Text(more) => text.push_str(more),
                Block::ToolUse(tool) => tool_calls.push(self.call(tool)),
                Block::Image(_) | Block::ToolResult { .. } => return Err(block.misplaced(index)),
            }
        }
        let content = (!text.is_empty()).then_some(Cow::Owned(text));
        if content.is_some() || !tool_calls.is_empty() {
            self.messages.push(Message::Assistant {
                content,
                tool_calls,
            });
        }
        Ok(())
    }

    fn call(&mut self, tool: &'a ToolUse) -> Call<'a> {
        if self.quirks.named_results {
            self.tools.insert(&tool.id, &tool.name);
        }
        Call {
            id: tool_id(&tool.id, self.quirks.tool_call_ids),
            r#type: "function",
            function: CallFunction {
                name: &tool.name,
                arguments: tool.input.get(),
            },
            extra_content: self
                .quirks
                .thought_signatures
                .then(ExtraContent::no_signature),
        }
    }

    /// Whether what comes next follows the assistant, or a tool for it.
    fn assistant_speaks(&self) -> bool {
        let last = self.messages.last();
        matches!(last, Some(Message::Assistant { .. } | Message::Tool { .. }))
    }

    /// Gives the assistant a word after a tool's result.
    fn bridge(&mut self) {
        if let Some(Message::Tool { .. }) = self.messages.last() {
            self.messages.push(Message::Assistant {
                content: Some(Cow::Borrowed(GO_ON)),
                tool_calls: Vec::new(),
            });
        }
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
