//! A whole Chat Completions answer on its way to a client of the same dialect.

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::dialect::NotAnAnswer;
use crate::dialect::common::{self, Capture};
use crate::dialect::json::Text;
use crate::dialect::openai::error;
use crate::dialect::openai::said::said_bytes;
use crate::dialect::openai::wire::{Usage, broke_off};

#[derive(Deserialize)]
struct Completion<'a> {
    #[serde(borrow)]
    id: Option<Text<'a>>,
    #[serde(borrow)]
    choices: Vec<Choice<'a>>,
    usage: Option<Usage>,
}

#[derive(Deserialize)]
struct Choice<'a> {
    message: Message,
    #[serde(borrow)]
    finish_reason: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Message {
    tool_calls: Option<Vec<IgnoredAny>>,
}

/// Reads what the record needs of a `chat.completion`, which itself goes to the
/// client untouched. Of several choices it needs the first one's stop reason.
pub fn capture(body: &[u8]) -> Result<Capture, NotAnAnswer> {
    let completion: Completion<'_> = serde_json::from_slice(body).map_err(|unread| {
        let reported = error::message(body);
        NotAnAnswer::because(reported.unwrap_or_else(|| unread.to_string()))
    })?;
    let calls = |choice: &Choice<'_>| {
        let calls = &choice.message.tool_calls;
        calls.as_ref().is_some_and(|calls| !calls.is_empty())
    };
    let tool_use = completion.choices.iter().any(calls);
    let Some(first) = completion.choices.into_iter().next() else {
        return Err(NotAnAnswer::because("it has no choices"));
    };
    if first
        .finish_reason
        .as_ref()
        .is_some_and(|reason| broke_off(&reason.0))
    {
        return Err(NotAnAnswer::because("the provider broke off its answer"));
    }
    let usage: common::Usage = completion.usage.unwrap_or_default().into();
    let said_bytes = match usage.output_tokens {
        Some(_) => 0,
        None => said_bytes(body),
    };
    Ok(Capture {
        usage,
        stop_reason: first.finish_reason.map(|reason| reason.0.into_owned()),
        tool_use,
        upstream_id: completion.id.map(|id| id.0.into_owned()),
        said_bytes,
    })
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
    fn the_record_reads_what_it_needs() {
        let body = br#"{"id":"c1","object":"chat.completion","new":[],"choices":[
            {"index":0,"message":{"content":"\ud800","tool_calls":[]},"finish_reason":"length"},
            {"index":1,"message":{"content":null,"tool_calls":[{}]},"finish_reason":"tool_calls"}],
            "usage":{"prompt_tokens":9,"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":2.5}}}"#;
        let expected = Capture {
            usage: common::Usage {
                input_tokens: Some(9),
                output_tokens: Some(4),
                ..common::Usage::default()
            },
            stop_reason: Some("length".into()),
            tool_use: true,
            upstream_id: Some("c1".into()),
            said_bytes: 0,
        };
        assert_eq!(capture(body).unwrap(), expected);
    }

    #[test]
    fn what_is_no_completion_is_refused() {
        let reason = |body: &str| capture(body.as_bytes()).unwrap_err().reason;
        insta::assert_snapshot!(reason(r#"{"error":{"message":"no capacity"}}"#), @"no capacity");
        insta::assert_snapshot!(reason(r#"{"choices":[]}"#), @"it has no choices");
        insta::assert_snapshot!(reason(r#"{"choices":[{"message":{},"finish_reason":"error"}]}"#), @"the provider broke off its answer");
        insta::assert_snapshot!(reason("<html>"), @"expected value at line 1 column 1");
        assert!(reason(r#"{"choices":[{}]}"#).contains("missing field `message`"));
        reason(&format!(r#"{{"choices":{}"#, "[".repeat(100_000)));
        assert!(capture(b"\xff").is_err());
    }
}
