//! A whole Messages answer in the form between dialects.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::dialect::NotAnAnswer;
use crate::dialect::anthropic::block::Block;
use crate::dialect::anthropic::error;
use crate::dialect::anthropic::stop::stop_reason;
use crate::dialect::anthropic::usage::Usage;
use crate::dialect::common::{Answer, AnswerBlock, ToolUse};
use crate::dialect::json::Text;

#[derive(Deserialize)]
struct Message<'a> {
    id: Option<String>,
    #[serde(borrow)]
    content: Vec<&'a RawValue>,
    #[serde(borrow)]
    stop_reason: Option<Text<'a>>,
    #[serde(borrow)]
    stop_sequence: Option<Text<'a>>,
    usage: Option<Usage>,
}

/// Reads a `message`. Blocks without a counterpart, such as those of the
/// provider's own tools, are left out; texts that then follow each other are
/// one, as they are in a stream.
pub fn to_common(body: &[u8]) -> Result<Answer, NotAnAnswer> {
    let message: Message<'_> = serde_json::from_slice(body).map_err(|unread| {
        let reported = error::read(body).map(|(_, message)| message);
        NotAnAnswer::because(reported.unwrap_or_else(|| unread.to_string()))
    })?;
    let mut blocks = Vec::new();
    for block in message.content {
        let block = Block::read(block).map_err(NotAnAnswer::because)?;
        take(block, &mut blocks)?;
    }
    let calls = blocks
        .iter()
        .any(|block| matches!(block, AnswerBlock::ToolUse(_)));
    let stop = message.stop_reason.as_ref().map_or("", |stop| &stop.0);
    let sequence = message.stop_sequence.map(|sequence| sequence.0);
    Ok(Answer {
        upstream_id: message.id,
        blocks,
        stop_reason: stop_reason(stop, sequence.as_deref(), calls),
        usage: message.usage.unwrap_or_default().into(),
    })
}

fn take(block: Block<'_>, blocks: &mut Vec<AnswerBlock>) -> Result<(), NotAnAnswer> {
    match block {
        Block::Text(block) if block.text.0.is_empty() => {}
        Block::Text(block) => match blocks.last_mut() {
            Some(AnswerBlock::Text(text)) => text.push_str(&block.text.0),
            _ => blocks.push(AnswerBlock::Text(block.text.0.into_owned())),
        },
        Block::Thinking(block) => {
            let signature = Some(block.signature()).filter(|signature| !signature.is_empty());
            if signature.is_some() || !block.thinking.0.is_empty() {
                thinking(&block.thinking.0, signature, blocks);
            }
        }
        Block::ToolUse(block) if !block.input.get().starts_with('{') => {
            let reason = format!("the input of `{}` is no JSON object", block.name.0);
            return Err(NotAnAnswer { reason });
        }
        Block::ToolUse(block) => blocks.push(AnswerBlock::ToolUse(ToolUse {
            id: block.id(),
            name: block.name.0.into_owned(),
            input: block.input.to_owned(),
        })),
        Block::Other => {}
    }
    Ok(())
}

/// Thoughts go on until they are signed.
fn thinking(more: &str, signed: Option<String>, blocks: &mut Vec<AnswerBlock>) {
    match blocks.last_mut() {
        Some(AnswerBlock::Thinking {
            text,
            signature: signature @ None,
        }) => {
            text.push_str(more);
            *signature = signed;
        }
        _ => blocks.push(AnswerBlock::Thinking {
            text: more.to_owned(),
            signature: signed,
        }),
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

    #[test]
    fn every_block_with_a_counterpart_is_read() {
        let answer = to_common(
            br#"{"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[
              {"type":"thinking","thinking":"hm","signature":"s1"},
              {"type":"redacted_thinking","data":"x"},
              {"type":"thinking","thinking":"","signature":"s2"},
              {"type":"text","text":"a\ud800","citations":null},
              {"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{"query":"q"}},
              {"type":"web_search_tool_result","tool_use_id":"srvtoolu_1","content":[{"type":"web_search_result","url":"u"}]},
              {"type":"text","text":""},
              {"type":"text","text":"b"},
              {"type":"tool_use","id":"toolu_1","name":"f","input":{"a": [1.0]}}],
              "stop_reason":"tool_use","stop_sequence":null,
              "usage":{"input_tokens":3,"cache_creation_input_tokens":1,"cache_read_input_tokens":2,"output_tokens":9,"server_tool_use":{"web_search_requests":1}}}"#,
        );
        insta::assert_debug_snapshot!(answer.unwrap(), @r#"
        Answer {
            upstream_id: Some(
                "msg_1",
            ),
            blocks: [
                Thinking {
                    text: "hm",
                    signature: Some(
                        "s1",
                    ),
                },
                Thinking {
                    text: "",
                    signature: Some(
                        "s2",
                    ),
                },
                Text(
                    "a���b",
                ),
                ToolUse(
                    ToolUse {
                        id: "toolu_1",
                        name: "f",
                        input: RawValue(
                            {"a": [1.0]},
                        ),
                    },
                ),
            ],
            stop_reason: ToolUse,
            usage: Usage {
                input_tokens: Some(
                    3,
                ),
                output_tokens: Some(
                    9,
                ),
                cache_read: Some(
                    2,
                ),
                cache_write: Some(
                    1,
                ),
            },
        }
        "#);
    }

    #[test]
    fn what_is_no_answer_is_refused_in_the_providers_words() {
        let refused = |body: &str| to_common(body.as_bytes()).unwrap_err().reason;
        insta::assert_snapshot!(refused(r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#), @"Overloaded");
        insta::assert_snapshot!(refused("<html>"), @"expected value at line 1 column 1");
        insta::assert_snapshot!(refused(r#"{"content":[{"type":"tool_use","name":"f","input":[]}]}"#), @"the input of `f` is no JSON object");
        insta::assert_snapshot!(refused(r#"{"content":[{"type":"tool_use","input":{}}]}"#), @"missing field `name` at line 1 column 30");
        refused(&format!(r#"{{"content":{}"#, "[".repeat(100_000)));
        assert!(to_common(b"\xff").is_err());
    }
}
