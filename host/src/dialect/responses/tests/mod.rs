#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use serde_json::{Value, json};

use super::answer::to_common;
use super::relay;
use crate::dialect::common::{Event, StopReason, Usage};
use crate::dialect::relay::FailureKind;
use crate::dialect::testing::{Run, translated};

mod laws;
mod streamed;

fn relayed(stream: &str) -> Run {
    translated(relay::translated(), stream)
}

/// A frame as the provider writes it.
fn frame(data: &Value) -> String {
    format!(
        "event: {}\ndata: {data}\n\n",
        data["type"].as_str().unwrap()
    )
}

/// What is said of the item at `index`.
fn of(index: usize, kind: &str, more: Value) -> String {
    let mut event = json!({"type": format!("response.{kind}"), "output_index": index});
    let members = event.as_object_mut().unwrap();
    members.extend(more.as_object().unwrap().clone());
    frame(&event)
}

fn added(index: usize, item: Value) -> String {
    of(index, "output_item.added", json!({"item": item}))
}

fn done(index: usize, item: Value) -> String {
    of(index, "output_item.done", json!({"item": item}))
}

fn text(index: usize, delta: &str) -> String {
    of(index, "output_text.delta", json!({"delta": delta}))
}

fn arguments(index: usize, delta: &str) -> String {
    let delta = json!({"delta": delta});
    of(index, "function_call_arguments.delta", delta)
}

fn message(text: &str) -> Value {
    json!({"type": "message", "content": [{"type": "output_text", "text": text}]})
}

fn call(id: &str, name: &str, arguments: &str) -> Value {
    json!({"type": "function_call", "call_id": id, "name": name, "arguments": arguments})
}

fn reasoning(parts: &[&str]) -> Value {
    let part = |text| json!({"type": "summary_text", "text": text});
    let parts: Vec<Value> = parts.iter().map(part).collect();
    json!({"type": "reasoning", "summary": parts})
}

fn response(status: &str, output: &[Value]) -> Value {
    json!({"id": "resp_1", "status": status, "output": output})
}

fn completed() -> String {
    let response = response("completed", &[]);
    frame(&json!({"type": "response.completed", "response": response}))
}

/// One a line.
fn lines(said: &[impl std::fmt::Debug]) -> String {
    let lines: Vec<String> = said.iter().map(|said| format!("{said:?}")).collect();
    lines.join("\n")
}

/// What a whole answer with this status and output is read as.
fn read(status: &str, output: &[Value]) -> String {
    match to_common(response(status, output).to_string().as_bytes()) {
        Ok(answer) => format!("{:?} {}", answer.blocks, answer.stop_reason.name()),
        Err(why) => why.reason,
    }
}

#[test]
fn a_whole_answer_is_read() {
    let answer = to_common(include_bytes!("../fixtures/tools.json")).unwrap();
    insta::assert_snapshot!(lines(&answer.blocks), @r#"
    Thinking { text: "**Comparing two cities**\n\nThe user asks for the weather in Boston and in Málaga.\n\n**Calling the tool**\n\nBoth calls can go at once.", signature: None }
    Text("I'll look up both.")
    ToolUse(ToolUse { id: "call_unDEyFxBpKVHzvMQ0bTkLm1", name: "get_current_weather", input: RawValue({"location":"Boston, MA","unit":"celsius"}) })
    ToolUse(ToolUse { id: "call_unDEyFxBpKVHzvMQ0bTkLm2", name: "get_current_weather", input: RawValue({"location":"Málaga"}) })
    "#);
    insta::assert_snapshot!(format!("{:?} {:?}", answer.stop_reason, answer.usage), @"ToolUse Usage { input_tokens: Some(139), output_tokens: Some(123), cache_read: Some(1024), cache_write: Some(128) }");
    let id = "resp_67ca09c5efe0819096d0511c92b8c890096610f474011cc0";
    assert_eq!(answer.upstream_id.as_deref(), Some(id));
    let answer = to_common(include_bytes!("../fixtures/refusal.json")).unwrap();
    insta::assert_snapshot!(lines(&answer.blocks), @r#"Text("I'm sorry, I can't help with that.")"#);
    assert_eq!(answer.stop_reason, StopReason::Refusal);
}

#[test]
fn usage_is_taken_apart() {
    let usage = |usage: Value| {
        let response = json!({"output": [], "usage": usage});
        to_common(response.to_string().as_bytes()).unwrap().usage
    };
    let cached = json!({"input_tokens": 10, "output_tokens": 3,
        "input_tokens_details": {"cached_tokens": 6, "cache_write_tokens": 3}});
    let expected = Usage {
        input_tokens: Some(1),
        output_tokens: Some(3),
        cache_read: Some(6),
        cache_write: Some(3),
    };
    assert_eq!(usage(cached), expected);
    let plain = json!({"input_tokens": 10, "output_tokens": "many"});
    let expected = Usage {
        input_tokens: Some(10),
        ..Usage::default()
    };
    assert_eq!(usage(plain), expected);
    assert_eq!(usage(Value::Null), Usage::default());
}

#[test]
fn texts_in_a_row_are_set_off() {
    let output = [
        message("a"),
        reasoning(&[]),
        message(""),
        message("b"),
        reasoning(&["c", "d"]),
        reasoning(&["e"]),
        json!({"type": "message", "content": [{"type": "output_text", "text": "f"}, {"type": "output_text", "text": "g"}]}),
    ];
    insta::assert_snapshot!(read("completed", &output), @r#"[Text("a\n\nb"), Thinking { text: "c\n\nd\n\ne", signature: None }, Text("fg")] end_turn"#);
}

#[test]
fn every_status_has_a_meaning() {
    let incomplete = |reason: Value| {
        let response = json!({"status": "incomplete", "incomplete_details": reason,
            "output": [call("i", "f", "{")]});
        let answer = to_common(response.to_string().as_bytes()).unwrap();
        format!("{:?} {}", answer.blocks, answer.stop_reason.name())
    };
    insta::assert_snapshot!(incomplete(json!({"reason": "max_output_tokens"})), @r#"[ToolUse(ToolUse { id: "i", name: "f", input: RawValue({}) })] max_tokens"#);
    assert!(incomplete(json!({"reason": "content_filter"})).ends_with("refusal"));
    assert!(incomplete(json!({"reason": "something new"})).ends_with("max_tokens"));
    assert!(incomplete(Value::Null).ends_with("max_tokens"));
    let without = to_common(br#"{"output":[]}"#).unwrap();
    assert_eq!(without.stop_reason, StopReason::EndTurn);
    let other = json!({"type": "web_search_call", "action": {}});
    insta::assert_snapshot!(read("completed", &[other]), @"[] end_turn");
    insta::assert_snapshot!(read("completed", &[call("i", "f", " ")]), @r#"[ToolUse(ToolUse { id: "i", name: "f", input: RawValue({}) })] tool_use"#);
    insta::assert_snapshot!(read("queued", &[]), @"its status is `queued`");
}

#[test]
fn what_is_no_answer_is_refused_in_the_providers_words() {
    let refused = |body: &[u8]| to_common(body).unwrap_err().reason;
    insta::assert_snapshot!(refused(include_bytes!("../fixtures/failed.json")), @"The model failed to generate a response.");
    insta::assert_snapshot!(refused(include_bytes!("../fixtures/rejected.json")), @"Unsupported parameter: 'temperature' is not supported with this model.");
    insta::assert_snapshot!(refused(b"<html>"), @"expected value at line 1 column 1");
    insta::assert_snapshot!(refused(b"{}"), @"it has no output");
    insta::assert_snapshot!(read("completed", &[call("i", "f", "[1]")]), @"the arguments of `f` are no JSON object");
    insta::assert_snapshot!(read("completed", &[call("i", "", "{}")]), @"a tool call has no name");
    refused(format!(r#"{{"output":{}"#, "[".repeat(100_000)).as_bytes());
    refused(b"\xff");
}
