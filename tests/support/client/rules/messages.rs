//! The rules of an Anthropic stream, and the message that one adds up to.

use serde_json::{Map, Value, json};

use super::super::stream::{Event, shown};

/// The error types that Anthropic's dialect knows.
const ERROR_TYPES: [&str; 10] = [
    "invalid_request_error",
    "authentication_error",
    "billing_error",
    "permission_error",
    "not_found_error",
    "request_too_large",
    "rate_limit_error",
    "api_error",
    "timeout_error",
    "overloaded_error",
];

/// What a stream added up to.
#[derive(Clone, Debug, Default)]
pub struct Message {
    /// `message_start`'s message.
    pub start: Value,
    /// Whole content blocks, tool inputs parsed; the last as far as it came where
    /// an error ended it.
    pub content: Vec<Value>,
    /// From `message_delta`.
    pub stop_reason: Option<String>,
    /// From there too.
    pub stop_sequence: Option<String>,
    /// Of `message_start`, with what `message_delta` said last over it.
    pub usage: Map<String, Value>,
    /// The error event that ended it, if one did.
    pub error: Option<Value>,
}

impl Message {
    /// All text blocks, joined.
    pub fn text(&self) -> String {
        self.content
            .iter()
            .filter_map(|block| block["text"].as_str())
            .collect()
    }

    /// Token count of this name.
    pub fn tokens(&self, name: &str) -> u64 {
        let count = self.usage.get(name).and_then(Value::as_u64);
        count.unwrap_or_else(|| panic!("no {name} in {:?}", self.usage))
    }
}

/// Checks the order of a stream's events and adds them up. Either it ends with
/// one `message_stop`, or with one valid `error` event.
pub fn check(events: &[Event]) -> Message {
    let mut message = Message::default();
    let mut open: Option<(Value, String)> = None;
    let mut over = false;
    let shown = || shown(events);
    for event in events {
        let data = &event.data;
        assert!(!over, "`{}` after the end:\n{}", event.name, shown());
        assert_eq!(
            data["type"],
            event.name.as_str(),
            "event line and type differ:\n{}",
            shown()
        );
        let started = !message.start.is_null();
        match event.name.as_str() {
            "message_start" => {
                assert!(!started, "a second message_start:\n{}", shown());
                message.start = start(&data["message"]);
                message.usage = data["message"]["usage"]
                    .as_object()
                    .cloned()
                    .expect("usage");
            }
            "content_block_start" => {
                assert!(
                    started && open.is_none(),
                    "a block starts inside another:\n{}",
                    shown()
                );
                assert_eq!(
                    data["index"],
                    message.content.len(),
                    "indexes are dense:\n{}",
                    shown()
                );
                open = Some((data["content_block"].clone(), String::new()));
            }
            "content_block_delta" => {
                let (block, partial) = open
                    .as_mut()
                    .unwrap_or_else(|| panic!("no block:\n{}", shown()));
                assert_eq!(
                    data["index"],
                    message.content.len(),
                    "a delta elsewhere:\n{}",
                    shown()
                );
                delta(block, partial, &data["delta"]);
            }
            "content_block_stop" => {
                let (block, partial) = open
                    .take()
                    .unwrap_or_else(|| panic!("no block:\n{}", shown()));
                assert_eq!(
                    data["index"],
                    message.content.len(),
                    "a stop elsewhere:\n{}",
                    shown()
                );
                message.content.push(finish(block, &partial));
            }
            "message_delta" => {
                assert!(
                    started && open.is_none(),
                    "message_delta inside a block:\n{}",
                    shown()
                );
                if let Some(reason) = data["delta"]["stop_reason"].as_str() {
                    message.stop_reason = Some(reason.to_owned());
                }
                if let Some(sequence) = data["delta"]["stop_sequence"].as_str() {
                    message.stop_sequence = Some(sequence.to_owned());
                }
                message
                    .usage
                    .extend(data["usage"].as_object().cloned().unwrap_or_default());
            }
            "message_stop" => {
                assert!(
                    started && open.is_none(),
                    "message_stop inside a block:\n{}",
                    shown()
                );
                assert!(
                    message.stop_reason.is_some(),
                    "no stop reason:\n{}",
                    shown()
                );
                over = true;
            }
            "error" => {
                let kind = data["error"]["type"].as_str().unwrap_or_default();
                assert!(
                    ERROR_TYPES.contains(&kind),
                    "no error type of the dialect: {data}"
                );
                assert!(
                    data["error"]["message"]
                        .as_str()
                        .is_some_and(|text| !text.is_empty()),
                    "{data}"
                );
                message.content.extend(open.take().map(|(block, _)| block));
                message.error = Some(data["error"].clone());
                over = true;
            }
            _ => {}
        }
    }
    assert!(over, "a stream without an end:\n{}", shown());
    message
}

fn start(message: &Value) -> Value {
    assert_eq!(message["type"], "message", "{message}");
    assert_eq!(message["role"], "assistant", "{message}");
    assert_eq!(message["content"], json!([]), "{message}");
    assert!(
        message["id"].as_str().is_some_and(|id| !id.is_empty()),
        "{message}"
    );
    assert!(message["model"].is_string(), "{message}");
    assert!(message["stop_reason"].is_null(), "{message}");
    message.clone()
}

fn delta(block: &mut Value, partial: &mut String, delta: &Value) {
    let kind = (
        block["type"].as_str().unwrap_or_default(),
        delta["type"].as_str().unwrap_or_default(),
    );
    let (field, piece) = match kind {
        ("text", "text_delta") => ("text", &delta["text"]),
        ("thinking", "thinking_delta") => ("thinking", &delta["thinking"]),
        ("thinking", "signature_delta") => ("signature", &delta["signature"]),
        ("tool_use" | "server_tool_use", "input_json_delta") => {
            partial.push_str(delta["partial_json"].as_str().expect("partial JSON"));
            return;
        }
        (_, "citations_delta") => return,
        other => panic!("a delta that does not fit its block: {other:?}"),
    };
    let text = format!(
        "{}{}",
        block[field].as_str().unwrap_or_default(),
        piece
            .as_str()
            .unwrap_or_else(|| panic!("no {field} in {delta}"))
    );
    block[field] = text.into();
}

fn finish(mut block: Value, partial: &str) -> Value {
    if !partial.is_empty() {
        block["input"] = serde_json::from_str(partial)
            .unwrap_or_else(|error| panic!("tool input {partial:?}: {error}"));
    }
    block
}
