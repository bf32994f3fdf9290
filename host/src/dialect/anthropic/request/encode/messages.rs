//! Turns as messages.

use super::wire::{Block, Message, Role};
use crate::dialect::RequestError;
use crate::dialect::anthropic::tool_id::allowed;
use crate::dialect::common::{self, Request, ResultPart};

/// Stands first in a conversation that the user did not begin: the API wants
/// the first turn to be the user's.
const BEGINNING: &str = "(The conversation begins.)";

/// The system prompt, with what the operator says in the midst of the
/// conversation at its end: only few models take a turn of that role, and the
/// documentation sends all others here, where it keeps its authority.
///
/// Source: <https://platform.claude.com/docs/en/build-with-claude/mid-conversation-system-messages>.
pub(super) fn system(request: &Request) -> Result<Vec<Block<'_>>, RequestError> {
    let mut system: Vec<_> = request
        .system
        .iter()
        .filter_map(|text| block(text))
        .collect();
    for (index, message) in request.messages.iter().enumerate() {
        if message.role == common::Role::System {
            for block in &message.blocks {
                match block {
                    common::Block::Text(text) => system.extend(self::block(text)),
                    other => return Err(misplaced(other, index)),
                }
            }
        }
    }
    Ok(system)
}

/// Writes every turn of the user and the model. Turns of one role become one,
/// as the API would make of them, and one that has nothing to say is left out.
pub(super) fn encode(request: &Request) -> Result<Vec<Message<'_>>, RequestError> {
    let mut messages: Vec<Message<'_>> = Vec::with_capacity(request.messages.len() + 1);
    for (index, message) in request.messages.iter().enumerate() {
        let (role, content) = match message.role {
            common::Role::User => (Role::User, user(message, index)?),
            common::Role::Assistant => (Role::Assistant, assistant(message, index)?),
            common::Role::System => continue,
        };
        match messages.last_mut() {
            _ if content.is_empty() => {}
            Some(last) if last.role == role => last.content.extend(content),
            _ => messages.push(Message { role, content }),
        }
    }
    if messages
        .first()
        .is_none_or(|first| first.role != Role::User)
    {
        let content = vec![Block::Text { text: BEGINNING }];
        let role = Role::User;
        messages.insert(0, Message { role, content });
    }
    for message in &mut messages {
        // Results have to follow the turn that asked for them.
        message
            .content
            .sort_by_key(|block| !matches!(block, Block::ToolResult { .. }));
    }
    trim_end(&mut messages);
    Ok(messages)
}

/// The API refuses a text that the model is to continue if it ends with space.
fn trim_end(messages: &mut [Message<'_>]) {
    if let Some(last) = messages.last_mut()
        && last.role == Role::Assistant
        && let Some(Block::Text { text }) = last.content.last_mut()
    {
        *text = text.trim_end();
    }
}

fn user(message: &common::Message, index: usize) -> Result<Vec<Block<'_>>, RequestError> {
    let mut content = Vec::with_capacity(message.blocks.len());
    for block in &message.blocks {
        match block {
            common::Block::Text(text) => content.extend(self::block(text)),
            common::Block::Image(image) => content.push(image.into()),
            common::Block::ToolResult {
                tool_use_id,
                content: parts,
            } => content.push(Block::ToolResult {
                tool_use_id: allowed(tool_use_id),
                content: parts.iter().filter_map(part).collect(),
            }),
            common::Block::ToolUse(_) => return Err(misplaced(block, index)),
        }
    }
    Ok(content)
}

fn assistant(message: &common::Message, index: usize) -> Result<Vec<Block<'_>>, RequestError> {
    let mut content = Vec::with_capacity(message.blocks.len());
    for block in &message.blocks {
        match block {
            common::Block::Text(text) => content.extend(self::block(text)),
            common::Block::ToolUse(tool) => content.push(Block::ToolUse {
                id: allowed(&tool.id),
                name: &tool.name,
                input: &tool.input,
            }),
            common::Block::Image(_) | common::Block::ToolResult { .. } => {
                return Err(misplaced(block, index));
            }
        }
    }
    Ok(content)
}

fn part(part: &ResultPart) -> Option<Block<'_>> {
    match part {
        ResultPart::Text(text) => block(text),
        ResultPart::Image(image) => Some(image.into()),
    }
}

/// A text, which the API refuses if it is only space.
fn block(text: &str) -> Option<Block<'_>> {
    (!text.trim().is_empty()).then_some(Block::Text { text })
}

fn misplaced(block: &common::Block, message: usize) -> RequestError {
    let kind = match block {
        common::Block::Text(_) => "text",
        common::Block::Image(_) => "image",
        common::Block::ToolUse(_) => "tool call",
        common::Block::ToolResult { .. } => "tool result",
    };
    RequestError::Untranslatable {
        what: format!("the {kind} in a turn of that role (messages[{message}])"),
    }
}
