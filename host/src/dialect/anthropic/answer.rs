//! A whole Messages answer.

use serde::Deserialize;

use super::tool_id::tool_id;
use super::usage::Usage;
use super::wire::{Block, Input, Message, Stop};
use crate::dialect::NotAnAnswer;
use crate::dialect::common::{Answer, AnswerBlock, Capture};
use crate::dialect::json::{self, Text};

/// Reads what the record needs of a `message`, which itself goes to the client
/// untouched.
pub fn capture(body: &[u8]) -> Result<Capture, NotAnAnswer> {
    #[derive(Deserialize)]
    struct Read<'a> {
        #[serde(borrow)]
        r#type: Text<'a>,
        id: Option<String>,
        #[serde(borrow)]
        content: Vec<ReadBlock<'a>>,
        stop_reason: Option<String>,
        usage: Option<Usage>,
    }
    #[derive(Deserialize)]
    struct ReadBlock<'a> {
        #[serde(borrow)]
        r#type: Text<'a>,
    }
    let message: Read<'_> = serde_json::from_slice(body).map_err(NotAnAnswer::because)?;
    if message.r#type.0 != "message" {
        let reason = format!("its type is `{}`, not `message`", message.r#type.0);
        return Err(NotAnAnswer { reason });
    }
    Ok(Capture {
        usage: message.usage.unwrap_or_default().into(),
        stop_reason: message.stop_reason,
        tool_use: message
            .content
            .iter()
            .any(|block| block.r#type.0 == "tool_use"),
        upstream_id: message.id,
    })
}

/// Writes `answer` as a `message` called `message_id`, from the model `model`.
pub fn encode(answer: &Answer, message_id: &str, model: &str) -> Vec<u8> {
    let mut message = Message::new(message_id, model, Usage::complete(&answer.usage));
    let blocks = answer.blocks.iter().enumerate();
    message.content = blocks
        .map(|(index, of)| block(of, message_id, index))
        .collect();
    message.stop = Stop::from(&answer.stop_reason);
    let mut out = Vec::new();
    json::append(&mut out, &message);
    out
}

fn block<'a>(block: &'a AnswerBlock, message_id: &str, index: usize) -> Block<'a> {
    match block {
        AnswerBlock::Text(text) => Block::Text { text },
        AnswerBlock::ToolUse(tool) => Block::ToolUse {
            id: tool_id(&tool.id, message_id, index),
            name: &tool.name,
            input: Input::Raw(&tool.input),
        },
    }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
mod tests {
    use super::*;
    use crate::dialect::common::{StopReason, ToolUse, Usage};

    #[test]
    fn the_record_reads_what_it_needs() {
        let body = br#"{"id":"msg_1","type":"message","content":[{"type":"text","text":"\ud800"},{"input":{},"type":"tool_use"}],
            "stop_reason":"tool_use","usage":{"input_tokens":3,"output_tokens":null,"cache_read_input_tokens":2.5,"cache_creation_input_tokens":4},"new":[]}"#;
        let capture = capture(body).unwrap();
        assert_eq!(
            capture,
            Capture {
                usage: Usage {
                    input_tokens: Some(3),
                    cache_write: Some(4),
                    ..Usage::default()
                },
                stop_reason: Some("tool_use".into()),
                tool_use: true,
                upstream_id: Some("msg_1".into()),
            }
        );
    }

    #[test]
    fn what_is_no_message_is_refused() {
        let reason = |body: &str| capture(body.as_bytes()).unwrap_err().to_string();
        insta::assert_snapshot!(reason("<html>"), @"the provider's answer can't be read: expected value at line 1 column 1");
        insta::assert_snapshot!(reason(r#"{"type":"error","content":[]}"#), @"the provider's answer can't be read: its type is `error`, not `message`");
        insta::assert_snapshot!(reason(r#"{"type":"message"}"#), @"the provider's answer can't be read: missing field `content` at line 1 column 18");
        reason(&format!(
            r#"{{"type":"message","x":{}"#,
            "[".repeat(100_000)
        ));
        assert!(capture(b"\xff").is_err());
    }

    #[test]
    fn an_answer_is_written_as_a_message() {
        let input = serde_json::from_str(r#"{"a": 1.0}"#).unwrap();
        let answer = Answer {
            upstream_id: None,
            blocks: vec![
                AnswerBlock::Text("hi".into()),
                AnswerBlock::ToolUse(ToolUse {
                    id: "call.1".into(),
                    name: "f".into(),
                    input,
                }),
            ],
            stop_reason: StopReason::ToolUse,
            usage: Usage {
                input_tokens: Some(7),
                cache_read: Some(2),
                ..Usage::default()
            },
        };
        let body = String::from_utf8(encode(&answer, "msg_1", "m")).unwrap();
        insta::assert_snapshot!(body, @r#"{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"hi"},{"type":"tool_use","id":"call_1","name":"f","input":{"a": 1.0}}],"stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":7,"cache_read_input_tokens":2,"output_tokens":0}}"#);
    }
}
