//! A client of the native form.

use serde_json::{Value, json};

use super::events;

/// The inference of a whole stream, or the error that it ends with.
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
            "inference.completed" => {
                assert!(client.open.is_none());
                for (field, value) in event.data.as_object().unwrap() {
                    match field.as_str() {
                        "type" => {}
                        "id" => assert_eq!(&client.inference["id"], value),
                        _ => client.inference[field] = value.clone(),
                    }
                }
                over = Some(Ok(()));
            }
            kind => client.take(kind, &event.data),
        }
    }
    over.expect("an end").map(|()| client.inference)
}

#[derive(Default)]
struct Client {
    inference: Value,
    /// What the open block gathers.
    open: Option<String>,
}

impl Client {
    fn take(&mut self, kind: &str, data: &Value) {
        assert_eq!(kind == "inference.started", self.inference.is_null());
        match kind {
            "inference.started" => {
                self.inference = data.clone();
                self.inference.as_object_mut().unwrap().remove("type");
                self.inference["object"] = json!("inference");
                self.inference["content_blocks"] = json!([]);
            }
            "content_block.started" => {
                assert!(self.open.is_none(), "a block begins in another");
                let blocks = self.inference["content_blocks"].as_array_mut().unwrap();
                assert_eq!(data["index"], json!(blocks.len()));
                blocks.push(data["content_block"].clone());
                self.open = Some(String::new());
            }
            "content_block.delta" => {
                let (block, gathered) = self.last(data);
                let delta = &data["delta"];
                let kinds = (block["type"].as_str(), delta["type"].as_str());
                let piece = match (kinds.0.unwrap(), kinds.1.unwrap()) {
                    ("text", "text_delta") => &delta["text"],
                    ("thinking", "thinking_delta") => &delta["thinking"],
                    ("tool_use", "input_json_delta") => &delta["partial_json"],
                    other => panic!("{other:?}"),
                };
                gathered.push_str(piece.as_str().unwrap());
            }
            "content_block.stopped" => {
                let (block, gathered) = self.last(data);
                match block["type"].as_str().unwrap() {
                    "tool_use" if gathered.trim().is_empty() => {}
                    "tool_use" => block["input"] = serde_json::from_str(gathered).unwrap(),
                    kind => {
                        let kind = kind.to_owned();
                        block[&kind] = json!(gathered);
                    }
                }
                self.open = None;
            }
            other => panic!("{other}"),
        }
    }

    fn last(&mut self, data: &Value) -> (&mut Value, &mut String) {
        let blocks = self.inference["content_blocks"].as_array_mut().unwrap();
        assert_eq!(data["index"], json!(blocks.len() - 1));
        (blocks.last_mut().unwrap(), self.open.as_mut().unwrap())
    }
}
