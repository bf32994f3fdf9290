//! Writing a whole Chat Completions answer.

use std::borrow::Cow;

use serde::Serialize;

use crate::dialect::common::{Answer, AnswerBlock, ToolUse};
use crate::dialect::json;
use crate::dialect::names::Names;
use crate::dialect::openai::completion::{Function, Usage, call_id, completion_id, finish_reason};

#[derive(Serialize)]
struct Completion<'a> {
    id: String,
    object: &'static str,
    created: i64,
    model: &'a str,
    choices: [Choice<'a>; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Usage>,
}

#[derive(Serialize)]
struct Choice<'a> {
    index: u32,
    message: Message<'a>,
    logprobs: (),
    finish_reason: &'static str,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: Option<String>,
    refusal: (),
    #[serde(skip_serializing_if = "String::is_empty")]
    reasoning_content: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<Call<'a>>,
}

#[derive(Serialize)]
struct Call<'a> {
    id: Cow<'a, str>,
    r#type: &'static str,
    function: Function<'a>,
}

/// Writes `answer` as a `chat.completion`. The dialect has one text and one
/// list of calls: the order between the two is lost.
pub fn encode(answer: &Answer, names: &Names) -> Vec<u8> {
    let completion = Completion {
        id: completion_id(&names.id),
        object: "chat.completion",
        created: names.created,
        model: &names.model,
        choices: [Choice {
            index: 0,
            message: message(answer, names),
            logprobs: (),
            finish_reason: finish_reason(&answer.stop_reason),
        }],
        usage: Usage::known(&answer.usage),
    };
    let mut out = Vec::new();
    json::append(&mut out, &completion);
    out
}

fn message<'a>(answer: &'a Answer, names: &Names) -> Message<'a> {
    let mut content = String::new();
    let mut reasoning_content = String::new();
    let mut tool_calls = Vec::new();
    for block in &answer.blocks {
        match block {
            AnswerBlock::Thinking { text, .. } if names.thinking => {
                reasoning_content.push_str(text);
            }
            AnswerBlock::Thinking { .. } => {}
            AnswerBlock::Text(text) => content.push_str(text),
            AnswerBlock::ToolUse(tool) => tool_calls.push(call(tool, names, tool_calls.len())),
        }
    }
    Message {
        role: "assistant",
        // Null only beside calls, as clients expect it.
        content: (!content.is_empty() || tool_calls.is_empty()).then_some(content),
        refusal: (),
        reasoning_content,
        tool_calls,
    }
}

fn call<'a>(tool: &'a ToolUse, names: &Names, index: usize) -> Call<'a> {
    Call {
        id: call_id(&tool.id, &names.id, index),
        r#type: "function",
        function: Function {
            name: Some(&tool.name),
            arguments: tool.input.get(),
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
    use crate::dialect::common::{StopReason, Usage};
    use crate::dialect::testing::{answer, names};

    fn encoded(answer: &Answer, thinking: bool) -> String {
        String::from_utf8(encode(answer, &names(thinking, true))).unwrap()
    }

    #[test]
    fn an_answer_is_written_as_a_completion() {
        insta::assert_snapshot!(encoded(&answer(), true), @r#"{"id":"chatcmpl-1","object":"chat.completion","created":1790000000,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"é","refusal":null,"reasoning_content":"hm\n","tool_calls":[{"id":"call.1","type":"function","function":{"name":"f","arguments":"{\"a\": 1.0}"}},{"id":"call_1_1","type":"function","function":{"name":"f","arguments":"{}"}}]},"logprobs":null,"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":10,"completion_tokens":9,"total_tokens":19,"prompt_tokens_details":{"cached_tokens":2,"cache_write_tokens":1}}}"#);
    }

    #[test]
    fn thoughts_are_shown_only_to_who_asked() {
        assert!(!encoded(&answer(), false).contains("reasoning"));
    }

    #[test]
    fn every_stop_reason_has_a_counterpart() {
        let finish = |stop_reason| {
            let answer = Answer {
                upstream_id: None,
                blocks: vec![],
                stop_reason,
                usage: Usage::default(),
            };
            let body: serde_json::Value = serde_json::from_str(&encoded(&answer, true)).unwrap();
            assert_eq!(body["choices"][0]["message"]["content"], "");
            assert_eq!(
                body["choices"][0]["message"]["refusal"],
                serde_json::Value::Null
            );
            body["choices"][0]["finish_reason"]
                .as_str()
                .unwrap()
                .to_owned()
        };
        assert_eq!(finish(StopReason::EndTurn), "stop");
        assert_eq!(finish(StopReason::StopSequence("x".into())), "stop");
        assert_eq!(finish(StopReason::MaxTokens), "length");
        assert_eq!(finish(StopReason::ToolUse), "tool_calls");
        assert_eq!(finish(StopReason::Refusal), "content_filter");
    }

    #[test]
    fn unknown_usage_is_left_out() {
        let mut answer = answer();
        answer.usage = Usage::default();
        assert!(!encoded(&answer, true).contains("usage"));
        answer.usage.output_tokens = Some(3);
        assert!(
            encoded(&answer, true).ends_with(
                r#""usage":{"prompt_tokens":0,"completion_tokens":3,"total_tokens":3}}"#
            )
        );
    }
}
