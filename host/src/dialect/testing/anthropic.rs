//! A client of the Anthropic dialect, by the rules of the official SDKs.

use serde_json::{Value, json};

use super::events;

/// The message of a whole stream, or the error that it ends with.
pub(super) fn assemble(stream: &[u8]) -> Result<Value, Value> {
    let mut client = Client::default();
    let mut over = None;
    for event in events(stream) {
        assert!(over.is_none(), "{event:?} after the end");
        assert_eq!(event.name.as_deref(), Some(event.kind()));
        match event.kind() {
            "ping" => {}
            "error" => {
                assert!(event.data["error"]["type"].is_string());
                assert!(event.data["error"]["message"].is_string());
                over = Some(Err(event.data["error"].clone()));
            }
            "message_stop" => {
                assert!(client.open.is_none());
                assert!(client.message["stop_reason"].is_string());
                over = Some(Ok(()));
            }
            kind => client.take(kind, &event.data),
        }
    }
    over.expect("an end").map(|()| client.message)
}

#[derive(Default)]
struct Client {
    message: Value,
    /// What the open block gathers.
    open: Option<String>,
    stopped: bool,
}

impl Client {
    fn take(&mut self, kind: &str, data: &Value) {
        assert_eq!(kind == "message_start", self.message.is_null());
        assert!(!self.stopped, "{kind} after message_delta");
        match kind {
            "message_start" => self.message = data["message"].clone(),
            "content_block_start" => {
                assert!(self.open.is_none(), "a block begins in another");
                let content = self.message["content"].as_array_mut().unwrap();
                assert_eq!(data["index"], json!(content.len()));
                content.push(data["content_block"].clone());
                self.open = Some(String::new());
            }
            "content_block_delta" => self.delta(data),
            "content_block_stop" => self.stop(data),
            "message_delta" => {
                assert!(self.open.is_none());
                self.stopped = true;
                self.message["stop_reason"] = data["delta"]["stop_reason"].clone();
                self.message["stop_sequence"] = data["delta"]["stop_sequence"].clone();
                assert!(data["usage"]["output_tokens"].is_u64());
                for (count, value) in data["usage"].as_object().unwrap() {
                    self.message["usage"][count] = value.clone();
                }
            }
            other => panic!("{other}"),
        }
    }

    fn last(&mut self, data: &Value) -> (&mut Value, &mut String) {
        let content = self.message["content"].as_array_mut().unwrap();
        assert_eq!(data["index"], json!(content.len() - 1));
        (content.last_mut().unwrap(), self.open.as_mut().unwrap())
    }

    fn delta(&mut self, data: &Value) {
        let (block, gathered) = self.last(data);
        let delta = &data["delta"];
        let kind = block["type"].as_str().unwrap();
        let piece = match (kind, delta["type"].as_str().unwrap()) {
            ("text", "text_delta") => &delta["text"],
            ("thinking", "thinking_delta") => &delta["thinking"],
            ("tool_use", "input_json_delta") => &delta["partial_json"],
            ("thinking", "signature_delta") => {
                assert_eq!(block["signature"], "");
                block["signature"] = delta["signature"].clone();
                return;
            }
            other => panic!("{other:?}"),
        };
        assert!(kind != "thinking" || block["signature"] == "");
        gathered.push_str(piece.as_str().unwrap());
    }

    fn stop(&mut self, data: &Value) {
        let (block, gathered) = self.last(data);
        match block["type"].as_str().unwrap() {
            "tool_use" if gathered.trim().is_empty() => {}
            "tool_use" => {
                assert_eq!(block["input"], json!({}));
                block["input"] = serde_json::from_str(gathered).unwrap();
            }
            kind => {
                let kind = kind.to_owned();
                assert_eq!(block[&kind], "");
                block[&kind] = json!(gathered);
            }
        }
        self.open = None;
    }
}
