//! A whole Responses answer.

use super::wire::{Call, Item, Response};
use crate::dialect::blocks::BREAK;
use crate::dialect::common::{Answer, AnswerBlock, StopReason, ToolUse};
use crate::dialect::json::Text;
use crate::dialect::openai::error;
use crate::dialect::{NotAnAnswer, arguments};

/// Reads a `response`. A refusal is text with a stop reason of its own, and a
/// summary of what the model thought is thinking that nobody signed.
pub fn to_common(body: &[u8]) -> Result<Answer, NotAnAnswer> {
    let none = |reason: String| {
        let reported = error::message(body);
        Err(NotAnAnswer::because(reported.unwrap_or(reason)))
    };
    let response: Response<'_> = match serde_json::from_slice(body) {
        Ok(response) => response,
        Err(unread) => return none(unread.to_string()),
    };
    let status = response.status();
    if !matches!(status, "completed" | "incomplete") {
        return none(format!("its status is `{status}`"));
    }
    let Some(output) = &response.output else {
        return none("it has no output".to_owned());
    };
    let stop_reason = response.stop_reason(
        output.iter().any(|item| matches!(item, Item::Call(_))),
        output.iter().any(Item::refuses),
    );

    let mut blocks = Vec::new();
    for item in output {
        match item {
            Item::Message(parts) => {
                let text: String = parts.iter().map(|part| part.text()).collect();
                say(&mut blocks, text);
            }
            Item::Reasoning(parts) => {
                let texts: Vec<&str> = parts.iter().map(|part| part.text()).collect();
                think(&mut blocks, texts.join(BREAK));
            }
            Item::Call(call) => blocks.push(AnswerBlock::ToolUse(tool_use(call, &stop_reason)?)),
            Item::Other => {}
        }
    }
    Ok(Answer {
        upstream_id: response.id.map(|Text(id)| id.into_owned()),
        blocks,
        stop_reason,
        usage: response.usage.unwrap_or_default().into(),
    })
}

/// Adds text, to the text before it if there is one.
fn say(blocks: &mut Vec<AnswerBlock>, more: String) {
    match blocks.last_mut() {
        _ if more.is_empty() => {}
        Some(AnswerBlock::Text(text)) => text.extend([BREAK, &more]),
        _ => blocks.push(AnswerBlock::Text(more)),
    }
}

/// Adds thoughts, to those before them if there are any.
fn think(blocks: &mut Vec<AnswerBlock>, more: String) {
    match blocks.last_mut() {
        _ if more.is_empty() => {}
        Some(AnswerBlock::Thinking { text, .. }) => text.extend([BREAK, &more]),
        _ => blocks.push(AnswerBlock::Thinking {
            text: more,
            signature: None,
        }),
    }
}

fn tool_use(call: &Call<'_>, stop: &StopReason) -> Result<ToolUse, NotAnAnswer> {
    if call.name().is_empty() {
        return Err(NotAnAnswer::because("a tool call has no name"));
    }
    Ok(ToolUse {
        id: call.id().to_owned(),
        name: call.name().to_owned(),
        input: arguments::object(call.name(), call.arguments(), stop)?,
    })
}
