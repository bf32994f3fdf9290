//! A whole Chat Completions answer.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::error;
use super::wire::{Call, Content, Usage, stop_reason};
use crate::dialect::NotAnAnswer;
use crate::dialect::common::{Answer, AnswerBlock, StopReason, ToolUse};
use crate::dialect::json::Text;

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

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    content: Option<Content<'a>>,
    #[serde(borrow)]
    refusal: Option<Text<'a>>,
    #[serde(borrow)]
    tool_calls: Option<Vec<Call<'a>>>,
}

/// Reads a `chat.completion`. A refusal is text with a stop reason of its own.
/// Reasoning is left out: nobody signed it, so no client could send it back.
pub fn to_common(body: &[u8]) -> Result<Answer, NotAnAnswer> {
    let completion: Completion<'_> = serde_json::from_slice(body).map_err(|unread| {
        let reported = error::message(body);
        NotAnAnswer::because(reported.unwrap_or_else(|| unread.to_string()))
    })?;
    let Some(Choice {
        message,
        finish_reason,
    }) = completion.choices.into_iter().next()
    else {
        return Err(NotAnAnswer::because("it has no choices"));
    };
    let calls = message.tool_calls.unwrap_or_default();
    let finish = finish_reason.map_or("".into(), |finish| finish.0);
    let stop_reason = stop_reason(&finish, !calls.is_empty(), message.refusal.is_some());

    let mut text = message.content.unwrap_or_default().0.into_owned();
    text.push_str(message.refusal.as_ref().map_or("", |refusal| &refusal.0));
    let mut blocks = Vec::new();
    if !text.is_empty() {
        blocks.push(AnswerBlock::Text(text));
    }
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

fn tool_use(call: Call<'_>, stop: &StopReason) -> Result<ToolUse, NotAnAnswer> {
    let function = call.function.unwrap_or_default();
    let Some(Text(name)) = function.name.filter(|name| !name.0.is_empty()) else {
        return Err(NotAnAnswer::because("a tool call has no name"));
    };
    let arguments = match function.arguments.0.trim() {
        "" => "{}",
        json => json,
    };
    let input = match serde_json::from_str::<Box<RawValue>>(arguments) {
        Ok(input) if input.get().starts_with('{') => input,
        // Cut off in the midst of its arguments.
        _ if stop.cuts_off() => {
            RawValue::from_string("{}".to_owned()).map_err(NotAnAnswer::because)?
        }
        _ => {
            let reason = format!("the arguments of `{name}` are no JSON object");
            return Err(NotAnAnswer { reason });
        }
    };
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
    use crate::dialect::anthropic::answer::encode;

    fn translated(body: &str) -> String {
        let answer = to_common(body.as_bytes()).unwrap();
        String::from_utf8(encode(&answer, "msg_1", "m")).unwrap()
    }

    fn refused(body: &str) -> String {
        to_common(body.as_bytes()).unwrap_err().reason
    }

    #[test]
    fn text_and_tool_calls_come_through() {
        insta::assert_snapshot!(translated(r#"{"id":"c1","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"hi",
            "refusal":null,"reasoning_content":"hm","tool_calls":[
              {"id":"call_1","type":"function","function":{"name":"f","arguments":"{\"a\": [1.0]}"}},
              {"id":"call_2","type":"function","function":{"name":"g","arguments":""}},
              {"id":"call_3","type":"function","function":{"name":"h","arguments":{"b":2}}}]},
            "finish_reason":"tool_calls"}],
          "usage":{"prompt_tokens":10,"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":8}}}"#), @r#"{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"hi"},{"type":"tool_use","id":"call_1","name":"f","input":{"a": [1.0]}},{"type":"tool_use","id":"call_2","name":"g","input":{}},{"type":"tool_use","id":"call_3","name":"h","input":{"b":2}}],"stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":2,"cache_read_input_tokens":8,"output_tokens":4}}"#);
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
        insta::assert_snapshot!(translated(r#"{"choices":[{"message":{"content":[{"type":"thinking","thinking":[]},{"type":"text","text":"a"}],"refusal":" no"}}],"usage":null}"#), @r#"{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"a no"}],"stop_reason":"refusal","stop_sequence":null,"usage":{"input_tokens":0,"output_tokens":0}}"#);
    }

    #[test]
    fn what_is_no_answer_is_refused_in_the_providers_words() {
        insta::assert_snapshot!(refused(r#"{"error":{"message":"no capacity"}}"#), @"no capacity");
        insta::assert_snapshot!(refused(r#"{"choices":[]}"#), @"it has no choices");
        insta::assert_snapshot!(refused("<html>"), @"expected value at line 1 column 1");
        insta::assert_snapshot!(refused(r#"{"choices":[{"message":{"tool_calls":[{"function":{"name":"f","arguments":"[1]"}}]}}]}"#), @"the arguments of `f` are no JSON object");
        insta::assert_snapshot!(refused(r#"{"choices":[{"message":{"tool_calls":[{"function":{"arguments":"{}"}}]}}]}"#), @"a tool call has no name");
        refused(&format!(r#"{{"choices":{}"#, "[".repeat(100_000)));
        assert!(to_common(b"\xff").is_err());
    }
}
