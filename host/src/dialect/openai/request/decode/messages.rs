//! Messages as turns.

use std::fmt::Display;

use serde_json::value::RawValue;

use super::content::{self, Kinds};
use super::untranslatable;
use crate::dialect::RequestError;
use crate::dialect::common::{Block, Message, ResultPart, Role, ToolUse};
use crate::dialect::fields::wrong;
use crate::dialect::json::Text;
use crate::dialect::openai::request::wire;
use crate::dialect::place::{Field, need, numbered};

/// What has been said so far.
#[derive(Default)]
pub(super) struct Conversation {
    pub(super) system: Vec<String>,
    pub(super) messages: Vec<Message>,
}

/// What one message says.
enum Said {
    /// By the operator, whom two roles stand for.
    System(Vec<Block>),
    Turn(Role, Vec<Block>),
    Result(Block),
}

/// Decodes `messages`. What the operator says before anyone else is the system
/// prompt; results that follow each other are one turn of the user.
pub(super) fn conversation(messages: Vec<wire::Message<'_>>) -> Result<Conversation, RequestError> {
    let mut talk = Conversation::default();
    let mut in_results = false;
    for said in numbered(messages, &"messages", message)? {
        let is_result = matches!(said, Said::Result(_));
        let (role, mut blocks) = match said {
            Said::System(blocks) if talk.messages.is_empty() => {
                talk.system.extend(blocks.into_iter().filter_map(text));
                continue;
            }
            Said::System(blocks) => (Role::System, blocks),
            Said::Turn(role, blocks) => (role, blocks),
            Said::Result(result) => (Role::User, vec![result]),
        };
        match talk.messages.last_mut() {
            Some(turn) if in_results && is_result => turn.blocks.append(&mut blocks),
            _ => talk.messages.push(Message { role, blocks }),
        }
        in_results = is_result;
    }
    Ok(talk)
}

fn text(block: Block) -> Option<String> {
    match block {
        Block::Text(text) => Some(text),
        _ => None,
    }
}

fn message(mut message: wire::Message<'_>, at: &dyn Display) -> Result<Said, RequestError> {
    let Text(role) = need(message.role.take(), at, "role")?;
    let content = message.content;
    match role.as_ref() {
        "system" | "developer" => Ok(Said::System(blocks(content, Kinds::Text, at)?)),
        "user" => Ok(Said::Turn(
            Role::User,
            blocks(content, Kinds::TextAndImages, at)?,
        )),
        "assistant" => assistant(message, at),
        "tool" => Ok(Said::Result(Block::ToolResult {
            tool_use_id: need(message.tool_call_id, at, "tool_call_id")?,
            content: content::parts(content, Kinds::TextAndImages, at)?,
        })),
        "function" => {
            let expected = "`tool`, with the `tool_call_id` of the call";
            Err(wrong(format!("{at}.role"), expected))
        }
        _ => {
            let expected = "`system`, `developer`, `user`, `assistant` or `tool`";
            Err(wrong(format!("{at}.role"), expected))
        }
    }
}

/// What the model said, then what it called. Its thoughts are left out: only
/// the provider that they come from can use them.
fn assistant(message: wire::Message<'_>, at: &dyn Display) -> Result<Said, RequestError> {
    if message.audio.is_some() {
        return Err(untranslatable(format!("the audio at {at}")));
    }
    if message.function_call.is_some() {
        return Err(wrong(
            format!("{at}.function_call"),
            "given as `tool_calls`",
        ));
    }
    let mut said = match message.content {
        Some(_) => blocks(message.content, Kinds::TextAndRefusals, at)?,
        None => Vec::new(),
    };
    let refusal = message.refusal.map(|refusal| refusal.0.into_owned());
    said.extend(refusal.filter(|text| !text.is_empty()).map(Block::Text));
    let calls = message.tool_calls.unwrap_or_default();
    said.extend(numbered(calls, &Field(at, "tool_calls"), call)?);
    Ok(Said::Turn(Role::Assistant, said))
}

fn blocks(
    content: Option<&RawValue>,
    kinds: Kinds,
    at: &dyn Display,
) -> Result<Vec<Block>, RequestError> {
    let parts = content::parts(content, kinds, at)?.into_iter();
    Ok(parts
        .map(|part| match part {
            ResultPart::Text(text) => Block::Text(text),
            ResultPart::Image(image) => Block::Image(image),
        })
        .collect())
}

fn call(call: wire::Call<'_>, at: &dyn Display) -> Result<Block, RequestError> {
    if let Some(Text(kind)) = &call.kind
        && kind != "function"
    {
        return Err(untranslatable(format!("the `{kind}` call at {at}")));
    }
    let id = need(call.id, at, "id")?;
    let function = need(call.function, at, "function")?;
    let at = Field(at, "function");
    let arguments = need(function.arguments, &at, "arguments")?;
    Ok(Block::ToolUse(ToolUse {
        id,
        name: need(function.name, &at, "name")?,
        input: input(&arguments.0, &at)?,
    }))
}

/// The object that `arguments` hold; none of them are an empty one.
fn input(arguments: &str, at: &dyn Display) -> Result<Box<RawValue>, RequestError> {
    let arguments = match arguments.trim() {
        "" => "{}",
        json => json,
    };
    match serde_json::from_str::<Box<RawValue>>(arguments) {
        Ok(input) if input.get().starts_with('{') => Ok(input),
        _ => Err(wrong(
            format!("{at}.arguments"),
            "a JSON object in a string",
        )),
    }
}
