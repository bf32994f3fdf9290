//! What the record needs of a whole answer.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::dialect::NotAnAnswer;
use crate::dialect::anthropic::usage::Usage;
use crate::dialect::common::{self, Capture};
use crate::dialect::json::Text;

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
    let usage: common::Usage = message.usage.unwrap_or_default().into();
    let said_bytes = match usage.output_tokens {
        Some(_) => 0,
        None => said(body),
    };
    Ok(Capture {
        usage,
        stop_reason: message.stop_reason,
        tool_use: message
            .content
            .iter()
            .any(|block| block.r#type.0 == "tool_use"),
        upstream_id: message.id,
        said_bytes,
    })
}

/// The bytes of text, thinking and tool input in a `message`.
fn said(body: &[u8]) -> u64 {
    #[derive(Deserialize)]
    struct Said<'a> {
        #[serde(borrow)]
        content: Vec<Block<'a>>,
    }
    #[derive(Deserialize)]
    struct Block<'a> {
        #[serde(borrow)]
        text: Option<Text<'a>>,
        #[serde(borrow)]
        thinking: Option<Text<'a>>,
        #[serde(borrow)]
        input: Option<&'a RawValue>,
    }
    let Ok(message) = serde_json::from_slice::<Said<'_>>(body) else {
        return 0;
    };
    let bytes = |block: &Block<'_>| {
        let words = [&block.text, &block.thinking];
        let words = words.into_iter().flatten().map(|words| words.0.len());
        let input = block.input.map_or(0, |input| input.get().len());
        (words.sum::<usize>() + input) as u64
    };
    message.content.iter().map(bytes).sum()
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
    use crate::dialect::common::Usage;

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
                // Half a pair of surrogates is three characters that replace it.
                said_bytes: 9 + 2,
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
}
