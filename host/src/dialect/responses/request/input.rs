//! Turns as items.

use super::wire::{Item, Output, Part};
use crate::dialect::RequestError;
use crate::dialect::common::{Block, Message, ResultPart, Role};

/// Writes every turn. A turn that is left with nothing to say is left out.
pub(super) fn encode(messages: &[Message]) -> Result<Vec<Item<'_>>, RequestError> {
    let mut items = Vec::with_capacity(messages.len());
    for (index, message) in messages.iter().enumerate() {
        match message.role {
            Role::User => user(message, index, &mut items)?,
            Role::Assistant => assistant(message, index, &mut items)?,
            Role::System => system(message, index, &mut items)?,
        }
    }
    Ok(items)
}

/// Results go first, each an item of its own.
fn user<'a>(
    message: &'a Message,
    index: usize,
    items: &mut Vec<Item<'a>>,
) -> Result<(), RequestError> {
    let mut said = Vec::new();
    for block in &message.blocks {
        match block {
            Block::Text(text) => said.push(Part::InputText { text }),
            Block::Image(image) => said.push(image.into()),
            Block::ToolResult {
                tool_use_id,
                content,
            } => items.push(Item::FunctionCallOutput {
                call_id: tool_use_id,
                output: output(content),
            }),
            Block::ToolUse(_) => return Err(block.misplaced(index)),
        }
    }
    say("user", said, items);
    Ok(())
}

/// Text and calls stay in the order in which the model gave them.
fn assistant<'a>(
    message: &'a Message,
    index: usize,
    items: &mut Vec<Item<'a>>,
) -> Result<(), RequestError> {
    let mut said = Vec::new();
    for block in &message.blocks {
        match block {
            Block::Text(text) => said.push(Part::OutputText { text }),
            Block::ToolUse(tool) => {
                say("assistant", std::mem::take(&mut said), items);
                items.push(Item::FunctionCall {
                    call_id: &tool.id,
                    name: &tool.name,
                    arguments: tool.input.get(),
                });
            }
            Block::Image(_) | Block::ToolResult { .. } => return Err(block.misplaced(index)),
        }
    }
    say("assistant", said, items);
    Ok(())
}

fn system<'a>(
    message: &'a Message,
    index: usize,
    items: &mut Vec<Item<'a>>,
) -> Result<(), RequestError> {
    let said = message.blocks.iter().map(|block| match block {
        Block::Text(text) => Ok(Part::InputText { text }),
        other => Err(other.misplaced(index)),
    });
    say("developer", said.collect::<Result<_, _>>()?, items);
    Ok(())
}

fn say<'a>(role: &'static str, content: Vec<Part<'a>>, items: &mut Vec<Item<'a>>) {
    if !content.is_empty() {
        items.push(Item::Message { role, content });
    }
}

/// A result: as text where it is nothing else, which every model takes.
fn output(content: &[ResultPart]) -> Output<'_> {
    let texts: Option<Vec<&str>> = content
        .iter()
        .map(|part| match part {
            ResultPart::Text(text) => Some(text.as_str()),
            ResultPart::Image(_) => None,
        })
        .collect();
    match texts {
        Some(texts) => Output::Text(texts.join("\n")),
        None => {
            let parts = content.iter().map(|part| match part {
                ResultPart::Text(text) => Part::InputText { text },
                ResultPart::Image(image) => image.into(),
            });
            Output::Parts(parts.collect())
        }
    }
}
