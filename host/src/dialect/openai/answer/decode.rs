//! A whole Chat Completions answer in the form between dialects.

use serde::Deserialize;

use crate::dialect::common::{Answer, AnswerBlock, StopReason, ToolUse};
use crate::dialect::json::Text;
use crate::dialect::openai::content::Words;
use crate::dialect::openai::error;
use crate::dialect::openai::wire::{Call, Message, Usage, broke_off, stop_reason};
use crate::dialect::openai::words::words;
use crate::dialect::{NotAnAnswer, arguments};

#[derive(Deserialize)]
struct Completion<'a> {
    id: Option<String>,
    #[serde(borrow)]
    choices: Vec<Choice<'a>>,
    usage: Option<Usage>,
}

#[derive(Deserialize)]
struct Choice<'a> {
    #[serde(borrow)]
    message: Message<'a>,
    #[serde(borrow)]
    finish_reason: Option<Text<'a>>,
}

/// Reads a `chat.completion`. A refusal is text with a stop reason of its own.
pub fn to_common(body: &[u8]) -> Result<Answer, NotAnAnswer> {
    let completion: Completion<'_> = serde_json::from_slice(body).map_err(|unread| {
        let reported = error::message(body);
        NotAnAnswer::because(reported.unwrap_or_else(|| unread.to_string()))
    })?;
    let Some(Choice {
        mut message,
        finish_reason,
    }) = completion.choices.into_iter().next()
    else {
        return Err(NotAnAnswer::because("it has no choices"));
    };
    let calls = message.tool_calls.take().unwrap_or_default();
    let finish = finish_reason.map_or("".into(), |finish| finish.0);
    if broke_off(&finish) {
        return Err(NotAnAnswer::because("the provider broke it off"));
    }
    let stop_reason = stop_reason(&finish, !calls.is_empty(), message.refusal.is_some());

    let mut blocks = Vec::new();
    words(&mut message, &mut false, |words| {
        say(words, &mut blocks);
        Ok::<_, NotAnAnswer>(())
    })?;
    for call in calls {
        blocks.push(AnswerBlock::ToolUse(tool_use(call, &stop_reason)?));
    }
    Ok(Answer {
        upstream_id: completion.id,
        blocks,
        stop_reason,
        usage: completion.usage.unwrap_or_default().into(),
    })
}

fn say(words: Words<'_>, blocks: &mut Vec<AnswerBlock>) {
    let (Words::Thoughts(more) | Words::Text(more)) = &words;
    if more.is_empty() {
        return;
    }
    match (blocks.last_mut(), words) {
        (Some(AnswerBlock::Thinking { text, .. }), Words::Thoughts(more))
        | (Some(AnswerBlock::Text(text)), Words::Text(more)) => text.push_str(&more),
        (_, Words::Thoughts(text)) => blocks.push(AnswerBlock::Thinking {
            text: text.into_owned(),
            signature: None,
        }),
        (_, Words::Text(text)) => blocks.push(AnswerBlock::Text(text.into_owned())),
    }
}

fn tool_use(call: Call<'_>, stop: &StopReason) -> Result<ToolUse, NotAnAnswer> {
    let function = call.function.unwrap_or_default();
    let Some(Text(name)) = function.name.filter(|name| !name.0.is_empty()) else {
        return Err(NotAnAnswer::because("a tool call has no name"));
    };
    let input = arguments::object(&name, &function.arguments.0, stop)?;
    Ok(ToolUse {
        id: call.id.map_or(String::new(), |id| id.0.into_owned()),
        name: name.into_owned(),
        input,
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
    use crate::dialect::common;

    /// An answer's blocks in short, its stop reason and its usage.
    fn read(body: &str) -> (Vec<String>, &'static str, common::Usage) {
        let answer = to_common(body.as_bytes()).unwrap();
        let blocks = answer.blocks.into_iter().map(|block| match block {
            AnswerBlock::Thinking { text, signature } => format!("thinking {text} {signature:?}"),
            AnswerBlock::Text(text) => format!("text {text}"),
            AnswerBlock::ToolUse(tool) => {
                format!("{} {}({})", tool.id, tool.name, tool.input.get())
            }
        });
        (blocks.collect(), answer.stop_reason.name(), answer.usage)
    }

    fn refused(body: &str) -> String {
        to_common(body.as_bytes()).unwrap_err().reason
    }

    #[test]
    fn thoughts_text_and_tool_calls_come_through() {
        let (blocks, stop, usage) = read(
            r#"{"id":"c1","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"hi",
            "refusal":null,"reasoning_content":"hm","tool_calls":[
              {"id":"call_1","type":"function","function":{"name":"f","arguments":"{\"a\": [1.0]}"}},
              {"id":"call_2","type":"function","function":{"name":"g","arguments":""}},
              {"id":"call_3","type":"function","function":{"name":"h","arguments":{"b":2}}}]},
            "finish_reason":"tool_calls"}],
          "usage":{"prompt_tokens":10,"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":8}}}"#,
        );
        let expected = [
            "thinking hm None",
            "text hi",
            r#"call_1 f({"a": [1.0]})"#,
            "call_2 g({})",
            r#"call_3 h({"b":2})"#,
        ];
        assert_eq!(
            (blocks, stop),
            (expected.map(str::to_owned).to_vec(), "tool_use")
        );
        let used = common::Usage {
            input_tokens: Some(2),
            output_tokens: Some(4),
            cache_read: Some(8),
            cache_write: None,
        };
        assert_eq!(usage, used);
    }

    #[test]
    fn what_only_the_total_counts_is_output() {
        let used = |usage: &str| {
            let body = format!(r#"{{"choices":[{{"message":{{}}}}],"usage":{usage}}}"#);
            let usage = read(&body).2;
            (usage.input_tokens, usage.output_tokens, usage.cache_read)
        };
        for (usage, expected) in [
            (
                r#"{"prompt_tokens":9,"completion_tokens":4,"total_tokens":13}"#,
                (Some(9), Some(4), None),
            ),
            (
                r#"{"prompt_tokens":9,"completion_tokens":4,"total_tokens":33}"#,
                (Some(9), Some(24), None),
            ),
            (
                r#"{"prompt_tokens":9,"completion_tokens":4,"total_tokens":0}"#,
                (Some(9), Some(4), None),
            ),
            (
                r#"{"completion_tokens":4,"total_tokens":33}"#,
                (None, Some(4), None),
            ),
            (
                r#"{"prompt_tokens":9,"completion_tokens":4,"cached_tokens":3}"#,
                (Some(6), Some(4), Some(3)),
            ),
            ("null", (None, None, None)),
        ] {
            assert_eq!(used(usage), expected, "{usage}");
        }
    }

    #[test]
    fn every_stop_reason_has_a_counterpart() {
        let stop = |finish: &str, message: &str| {
            let body =
                format!(r#"{{"choices":[{{"message":{{{message}}},"finish_reason":{finish}}}]}}"#);
            to_common(body.as_bytes()).unwrap().stop_reason.name()
        };
        let call =
            r#""content":null,"tool_calls":[{"id":"i","function":{"name":"f","arguments":"{"}}]"#;
        let whole = call.replace("\"{\"", "\"{}\"");
        assert_eq!(stop(r#""stop""#, r#""content":"a""#), "end_turn");
        assert_eq!(stop("null", r#""content":"a""#), "end_turn");
        assert_eq!(
            stop(r#""eos""#, r#""content":"a","tool_calls":[]"#),
            "end_turn"
        );
        assert_eq!(stop(r#""length""#, r#""content":"a""#), "max_tokens");
        assert_eq!(stop(r#""length""#, call), "max_tokens");
        assert_eq!(stop(r#""tool_calls""#, &whole), "tool_use");
        assert_eq!(stop(r#""stop""#, &whole), "tool_use");
        assert_eq!(stop(r#""content_filter""#, r#""content":null"#), "refusal");
        assert_eq!(stop(r#""stop""#, r#""refusal":"no""#), "refusal");
    }

    #[test]
    fn a_refusal_and_parts_are_text() {
        let (blocks, stop, _) = read(
            r#"{"choices":[{"message":{"content":[{"type":"thinking","thinking":[]},{"type":"text","text":"a"}],"refusal":" no"}}],"usage":null}"#,
        );
        assert_eq!((blocks, stop), (vec!["text a no".to_owned()], "refusal"));
    }

    #[test]
    fn what_is_no_answer_is_refused_in_the_providers_words() {
        insta::assert_snapshot!(refused(r#"{"error":{"message":"no capacity"}}"#), @"no capacity");
        insta::assert_snapshot!(refused(r#"{"choices":[]}"#), @"it has no choices");
        insta::assert_snapshot!(refused(r#"{"choices":[{"message":{"content":"a"},"finish_reason":"error"}]}"#), @"the provider broke it off");
        insta::assert_snapshot!(refused("<html>"), @"expected value at line 1 column 1");
        insta::assert_snapshot!(refused(r#"{"choices":[{"message":{"tool_calls":[{"function":{"name":"f","arguments":"[1]"}}]}}]}"#), @"the arguments of `f` are no JSON object");
        insta::assert_snapshot!(refused(r#"{"choices":[{"message":{"tool_calls":[{"function":{"arguments":"{}"}}]}}]}"#), @"a tool call has no name");
        refused(&format!(r#"{{"choices":{}"#, "[".repeat(100_000)));
        assert!(to_common(b"\xff").is_err());
    }
}
