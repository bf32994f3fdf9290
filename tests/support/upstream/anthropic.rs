//! The fake provider's answers in the Anthropic Messages protocol.

use bytes::Bytes;
use serde_json::{Value, json};

use super::answer::{Answer, Block, End, Usage};

/// The id that the fake provider gives each message.
const MESSAGE_ID: &str = "msg_upstream_01";

fn usage(usage: Usage, output: u64) -> Value {
    json!({
        "input_tokens": usage.input,
        "cache_creation_input_tokens": usage.cache_write,
        "cache_read_input_tokens": usage.cache_read,
        "output_tokens": output,
        "service_tier": "standard",
    })
}

fn block(block: &Block) -> Value {
    match block {
        Block::Text(text) | Block::Refusal(text) => json!({"type": "text", "text": text}),
        Block::Thinking { text, signature } => {
            json!({"type": "thinking", "thinking": text, "signature": signature})
        }
        Block::Tool { id, name, input } => {
            json!({"type": "tool_use", "id": id, "name": name, "input": input})
        }
    }
}

pub(super) fn body(answer: &Answer, model: &str) -> Bytes {
    let body = json!({
        "id": MESSAGE_ID,
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": answer.blocks.iter().map(block).collect::<Vec<_>>(),
        "stop_reason": answer.stop_reason,
        "stop_sequence": answer.stop_sequence,
        "usage": usage(answer.usage, answer.usage.output),
    });
    body.to_string().into()
}

/// The answer of `count_tokens`.
pub(super) fn count(answer: &Answer) -> Bytes {
    json!({"input_tokens": answer.usage.input})
        .to_string()
        .into()
}

pub(super) fn frame(event: &str, data: &Value) -> Bytes {
    format!("event: {event}\ndata: {data}\n\n").into()
}

pub(super) fn error(kind: &str, message: &str) -> Bytes {
    frame(
        "error",
        &json!({"type": "error", "error": {"type": kind, "message": message}}),
    )
}

pub(super) fn stream(answer: &Answer, model: &str) -> Vec<Bytes> {
    let mut frames = vec![frame(
        "message_start",
        &json!({"type": "message_start", "message": {
            "id": MESSAGE_ID, "type": "message", "role": "assistant", "model": model,
            "content": [], "stop_reason": null, "stop_sequence": null,
            "usage": usage(answer.usage, 1),
        }}),
    )];
    for (index, block) in answer.blocks.iter().enumerate() {
        block_frames(&mut frames, index, block, answer);
    }
    if answer.end != End::Whole {
        frames.truncate(answer.frames.unwrap_or(frames.len()));
        if let End::Error(kind, message) = &answer.end {
            frames.push(error(kind, message));
        }
        return frames;
    }
    frames.push(frame(
        "message_delta",
        &json!({
            "type": "message_delta",
            "delta": {
                "stop_reason": answer.stop_reason,
                "stop_sequence": answer.stop_sequence,
            },
            "usage": {"output_tokens": answer.usage.output},
        }),
    ));
    frames.push(frame("message_stop", &json!({"type": "message_stop"})));
    frames
}

fn block_frames(frames: &mut Vec<Bytes>, index: usize, block: &Block, answer: &Answer) {
    let (start, deltas) = match block {
        Block::Text(text) | Block::Refusal(text) => (
            json!({"type": "text", "text": ""}),
            words(text)
                .map(|word| json!({"type": "text_delta", "text": word}))
                .collect(),
        ),
        Block::Thinking { text, signature } => {
            let mut deltas: Vec<Value> = words(text)
                .map(|word| json!({"type": "thinking_delta", "thinking": word}))
                .collect();
            deltas.push(json!({"type": "signature_delta", "signature": signature}));
            (
                json!({"type": "thinking", "thinking": "", "signature": ""}),
                deltas,
            )
        }
        Block::Tool { id, name, input } => (
            json!({"type": "tool_use", "id": id, "name": name, "input": {}}),
            json_pieces(input)
                .map(|piece| json!({"type": "input_json_delta", "partial_json": piece}))
                .collect(),
        ),
    };
    frames.push(frame(
        "content_block_start",
        &json!({"type": "content_block_start", "index": index, "content_block": start}),
    ));
    for delta in deltas {
        if answer.pings {
            frames.push(frame("ping", &json!({"type": "ping"})));
        }
        frames.push(frame(
            "content_block_delta",
            &json!({"type": "content_block_delta", "index": index, "delta": delta}),
        ));
    }
    if answer.unknown {
        frames.push(frame(
            "brand_new",
            &json!({"type": "brand_new", "weather": {"sky": "blue"}}),
        ));
    }
    frames.push(frame(
        "content_block_stop",
        &json!({"type": "content_block_stop", "index": index}),
    ));
}

/// Text in pieces that keep their spaces.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(' ')
}

/// JSON in pieces of seven characters.
pub(super) fn json_pieces(value: &Value) -> impl Iterator<Item = String> {
    let text: Vec<char> = value.to_string().chars().collect();
    let pieces: Vec<String> = text.chunks(7).map(|piece| piece.iter().collect()).collect();
    pieces.into_iter()
}
