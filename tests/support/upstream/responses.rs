//! The fake provider's answers in the OpenAI Responses protocol, as
//! <https://platform.openai.com/docs/api-reference/responses> has it.

use bytes::Bytes;
use serde_json::{Value, json};

use super::answer::{Answer, Block, End, Usage};
use super::anthropic::{frame, json_pieces, words};

/// The id that the fake provider gives each response.
const RESPONSE_ID: &str = "resp_upstream_01";

fn usage(usage: Usage) -> Value {
    let input = usage.input + usage.cache_read + usage.cache_write;
    let mut details = json!({"cached_tokens": usage.cache_read});
    if usage.cache_write > 0 {
        details["cache_write_tokens"] = usage.cache_write.into();
    }
    json!({
        "input_tokens": input,
        "input_tokens_details": details,
        "output_tokens": usage.output,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": input + usage.output,
    })
}

/// The response object: `status`, its output and, at the end, its usage.
fn response(answer: &Answer, model: &str, status: &str, output: Vec<Value>) -> Value {
    let why = match status {
        "incomplete" if answer.stop_reason == "max_tokens" => {
            json!({"reason": "max_output_tokens"})
        }
        "incomplete" => json!({"reason": "content_filter"}),
        _ => Value::Null,
    };
    let over = matches!(status, "completed" | "incomplete");
    json!({
        "id": RESPONSE_ID, "object": "response", "created_at": 1, "status": status,
        "error": null, "incomplete_details": why, "instructions": null, "metadata": {},
        "model": model, "output": output, "parallel_tool_calls": true, "store": false,
        "tool_choice": "auto", "tools": [],
        "usage": if over { usage(answer.usage) } else { Value::Null },
    })
}

/// How a whole answer ends: the protocol has no reason for a stop but these.
fn status(answer: &Answer) -> &'static str {
    let refused_in_words = answer
        .blocks
        .iter()
        .any(|block| matches!(block, Block::Refusal(_)));
    match answer.stop_reason.as_str() {
        "max_tokens" => "incomplete",
        "refusal" if !refused_in_words => "incomplete",
        _ => "completed",
    }
}

/// An output item, whole or, with `begun`, as it is when it is added.
fn item(block: &Block, index: usize, begun: bool) -> Value {
    let status = if begun { "in_progress" } else { "completed" };
    let or_nothing = |list: Value| if begun { json!([]) } else { list };
    match block {
        Block::Thinking { text, .. } => json!({
            "id": format!("rs_{index}"), "type": "reasoning",
            "summary": or_nothing(json!([{"type": "summary_text", "text": text}])),
        }),
        Block::Text(_) | Block::Refusal(_) => json!({
            "id": format!("msg_{index}"), "type": "message", "status": status,
            "role": "assistant", "content": or_nothing(json!([part(block, false)])),
        }),
        Block::Tool { id, name, input } => json!({
            "id": format!("fc_{index}"), "type": "function_call", "status": status,
            "call_id": id, "name": name,
            "arguments": if begun { String::new() } else { input.to_string() },
        }),
    }
}

/// The one part of an item that has parts.
fn part(block: &Block, begun: bool) -> Value {
    let or_empty = |text: &str| {
        if begun {
            String::new()
        } else {
            text.to_owned()
        }
    };
    match block {
        Block::Thinking { text, .. } => json!({"type": "summary_text", "text": or_empty(text)}),
        Block::Refusal(text) => json!({"type": "refusal", "refusal": or_empty(text)}),
        Block::Text(text) => {
            json!({"type": "output_text", "text": or_empty(text), "annotations": []})
        }
        Block::Tool { .. } => Value::Null,
    }
}

pub(super) fn body(answer: &Answer, model: &str) -> Bytes {
    let output = whole_items(answer);
    response(answer, model, status(answer), output)
        .to_string()
        .into()
}

fn whole_items(answer: &Answer) -> Vec<Value> {
    let blocks = answer.blocks.iter().enumerate();
    blocks
        .map(|(index, block)| item(block, index, false))
        .collect()
}

/// The event that reports an error outside of a response.
pub(super) fn error(kind: &str, message: &str) -> Bytes {
    let event = json!({"type": "error", "code": kind, "message": message, "param": null});
    framed(vec![event]).remove(0)
}

pub(super) fn stream(answer: &Answer, model: &str) -> Vec<Bytes> {
    let at = |status: &str, output| response(answer, model, status, output);
    let mut events: Vec<Value> = ["created", "in_progress"]
        .map(|name| {
            json!({"type": format!("response.{name}"), "response": at("in_progress", vec![])})
        })
        .into();
    events.extend(item_events(answer));
    if answer.unknown {
        events.push(json!({"type": "response.brand_new", "weather": {"sky": "blue"}}));
    }
    if answer.end == End::Whole {
        let status = status(answer);
        let response = at(status, whole_items(answer));
        events.push(json!({"type": format!("response.{status}"), "response": response}));
    } else {
        events.truncate(answer.frames.unwrap_or(events.len()));
        if let End::Error(kind, message) = &answer.end {
            let mut response = at("failed", vec![]);
            response["error"] = json!({"code": kind, "message": message});
            events.push(json!({"type": "response.failed", "response": response}));
        }
    }
    framed(events)
}

/// The events of all items, one after the other or tool calls dealt in turn.
fn item_events(answer: &Answer) -> Vec<Value> {
    let mut events = Vec::new();
    let mut calls = Vec::new();
    for (index, block) in answer.blocks.iter().enumerate() {
        let of_item = events_of(block, index);
        if answer.interleave && matches!(block, Block::Tool { .. }) {
            calls.push(of_item);
        } else {
            events.extend(of_item);
        }
    }
    while calls.iter().any(|call| !call.is_empty()) {
        for call in &mut calls {
            if !call.is_empty() {
                events.push(call.remove(0));
            }
        }
    }
    events
}

/// The events of one item, from `added` to `done`.
fn events_of(block: &Block, index: usize) -> Vec<Value> {
    let begun = item(block, index, true);
    let id = begun["id"].clone();
    let of_item = |kind: &str, more: Value| {
        let mut event = json!({"type": format!("response.{kind}"), "output_index": index});
        if !kind.starts_with("output_item") {
            event["item_id"] = id.clone();
        }
        event.as_object_mut().expect("an object").extend(
            more.as_object()
                .expect("an object")
                .iter()
                .map(|(k, v)| (k.clone(), v.clone())),
        );
        event
    };
    let mut events = vec![of_item("output_item.added", json!({"item": begun}))];
    match block {
        Block::Tool { name, input, .. } => {
            let kind = "function_call_arguments";
            events.extend(
                json_pieces(input)
                    .map(|piece| of_item(&format!("{kind}.delta"), json!({"delta": piece}))),
            );
            let done = json!({"name": name, "arguments": input.to_string()});
            events.push(of_item(&format!("{kind}.done"), done));
        }
        Block::Text(text) | Block::Refusal(text) | Block::Thinking { text, .. } => {
            let (part_kind, text_kind, field, place) = match block {
                Block::Refusal(_) => ("content_part", "refusal", "refusal", "content_index"),
                Block::Thinking { .. } => (
                    "reasoning_summary_part",
                    "reasoning_summary_text",
                    "text",
                    "summary_index",
                ),
                _ => ("content_part", "output_text", "text", "content_index"),
            };
            let begun = json!({place: 0, "part": part(block, true)});
            events.push(of_item(&format!("{part_kind}.added"), begun));
            events.extend(words(text).map(|word| {
                of_item(
                    &format!("{text_kind}.delta"),
                    json!({place: 0, "delta": word}),
                )
            }));
            events.push(of_item(
                &format!("{text_kind}.done"),
                json!({place: 0, field: text}),
            ));
            let done = json!({place: 0, "part": part(block, false)});
            events.push(of_item(&format!("{part_kind}.done"), done));
        }
    }
    let whole = json!({"item": item(block, index, false)});
    events.push(of_item("output_item.done", whole));
    events
}

/// Events as frames, numbered.
fn framed(events: Vec<Value>) -> Vec<Bytes> {
    let number = |(number, mut event): (usize, Value)| {
        event["sequence_number"] = number.into();
        frame(event["type"].as_str().expect("a type"), &event)
    };
    events.into_iter().enumerate().map(number).collect()
}
