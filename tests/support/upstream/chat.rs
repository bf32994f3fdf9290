//! The fake provider's answers as OpenAI Chat Completions.

use bytes::Bytes;
use serde_json::{Value, json};

use super::answer::{Answer, Block, End, Usage};
use super::anthropic::{json_pieces, words};

/// The id that the fake provider gives each completion.
const COMPLETION_ID: &str = "chatcmpl-upstream-01";

fn usage(usage: Usage) -> Value {
    let prompt = usage.input + usage.cache_read + usage.cache_write;
    let mut details = json!({"cached_tokens": usage.cache_read});
    if usage.cache_write > 0 {
        details["cache_write_tokens"] = usage.cache_write.into();
    }
    json!({
        "prompt_tokens": prompt,
        "completion_tokens": usage.output,
        "total_tokens": prompt + usage.output,
        "prompt_tokens_details": details,
    })
}

fn finish_reason(stop_reason: &str) -> &str {
    match stop_reason {
        "end_turn" | "stop_sequence" => "stop",
        "max_tokens" => "length",
        "tool_use" => "tool_calls",
        "refusal" => "content_filter",
        other => other,
    }
}

fn text_of(answer: &Answer) -> String {
    joined(answer, |block| match block {
        Block::Text(text) => Some(text),
        _ => None,
    })
}

fn reasoning_of(answer: &Answer) -> String {
    joined(answer, |block| match block {
        Block::Thinking { text, .. } => Some(text),
        _ => None,
    })
}

fn refusal_of(answer: &Answer) -> String {
    joined(answer, |block| match block {
        Block::Refusal(text) => Some(text),
        _ => None,
    })
}

fn joined<'a>(answer: &'a Answer, text: impl Fn(&'a Block) -> Option<&'a String>) -> String {
    let texts = answer.blocks.iter().filter_map(text);
    texts.map(String::as_str).collect()
}

fn tools_of(answer: &Answer) -> impl Iterator<Item = (&str, &str, &Value)> {
    answer.blocks.iter().filter_map(|block| match block {
        Block::Tool { id, name, input } => Some((id.as_str(), name.as_str(), input)),
        _ => None,
    })
}

pub(super) fn body(answer: &Answer, model: &str) -> Bytes {
    let text = |text: String| {
        if text.is_empty() {
            Value::Null
        } else {
            text.into()
        }
    };
    let mut message = json!({
        "role": "assistant",
        "content": text(text_of(answer)),
        "refusal": text(refusal_of(answer)),
    });
    let reasoning = reasoning_of(answer);
    if !reasoning.is_empty() {
        message["reasoning_content"] = reasoning.into();
    }
    let calls: Vec<Value> = tools_of(answer)
        .map(|(id, name, input)| {
            json!({"id": id, "type": "function",
                   "function": {"name": name, "arguments": input.to_string()}})
        })
        .collect();
    if !calls.is_empty() {
        message["tool_calls"] = calls.into();
    }
    let body = json!({
        "id": COMPLETION_ID, "object": "chat.completion", "created": 1, "model": model,
        "choices": [{"index": 0, "message": message, "logprobs": null,
                     "finish_reason": finish_reason(&answer.stop_reason)}],
        "usage": usage(answer.usage),
    });
    body.to_string().into()
}

fn frame(data: &Value) -> Bytes {
    format!("data: {data}\n\n").into()
}

pub(super) fn error(kind: &str, message: &str) -> Bytes {
    frame(&json!({"error": {"type": kind, "code": null, "param": null, "message": message}}))
}

/// The stream that this request body asks for; the usage chunk, after the finish
/// reason, only where it is asked for.
pub(super) fn stream(answer: &Answer, request: &Value) -> Vec<Bytes> {
    let with_usage = request["stream_options"]["include_usage"] == true;
    let chunk = |delta: Value, finish: Value| {
        let mut chunk = json!({
            "id": COMPLETION_ID, "object": "chat.completion.chunk", "created": 1,
            "model": request["model"],
            "choices": [{"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish}],
        });
        if with_usage {
            chunk["usage"] = Value::Null;
        }
        frame(&chunk)
    };
    let mut frames = vec![chunk(
        json!({"role": "assistant", "content": ""}),
        Value::Null,
    )];
    for (field, text) in [
        ("reasoning_content", reasoning_of(answer)),
        ("content", text_of(answer)),
        ("refusal", refusal_of(answer)),
    ] {
        frames.extend(words(&text).map(|word| chunk(json!({field: word}), Value::Null)));
    }
    frames.extend(
        tool_deltas(answer)
            .into_iter()
            .map(|call| chunk(json!({"tool_calls": [call]}), Value::Null)),
    );
    if answer.end != End::Whole {
        frames.truncate(answer.frames.unwrap_or(frames.len()));
        if let End::Error(kind, message) = &answer.end {
            frames.push(error(kind, message));
        }
        return frames;
    }
    frames.push(chunk(json!({}), finish_reason(&answer.stop_reason).into()));
    if with_usage {
        frames.push(frame(&json!({
            "id": COMPLETION_ID, "object": "chat.completion.chunk", "created": 1,
            "model": request["model"], "choices": [], "usage": usage(answer.usage),
        })));
    }
    frames.push(Bytes::from_static(b"data: [DONE]\n\n"));
    frames
}

/// The pieces of the tool calls, one call after the other or dealt in turn.
fn tool_deltas(answer: &Answer) -> Vec<Value> {
    let mut calls: Vec<Vec<Value>> = tools_of(answer)
        .enumerate()
        .map(|(index, (id, name, input))| {
            let start = json!({"index": index, "id": id, "type": "function",
                               "function": {"name": name, "arguments": ""}});
            let pieces = json_pieces(input)
                .map(|piece| json!({"index": index, "function": {"arguments": piece}}));
            std::iter::once(start).chain(pieces).collect()
        })
        .collect();
    if !answer.interleave {
        return calls.concat();
    }
    let mut dealt = Vec::new();
    while calls.iter().any(|call| !call.is_empty()) {
        for call in &mut calls {
            if !call.is_empty() {
                dealt.push(call.remove(0));
            }
        }
    }
    dealt
}
