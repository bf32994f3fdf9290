//! The rules of a stream of the native form, and the inference that one adds up to.

use serde_json::{Map, Value};

use super::super::stream::{Event, shown};

/// What a stream added up to.
#[derive(Clone, Debug, Default)]
pub struct Inference {
    /// `inference.started`.
    pub started: Value,
    /// Whole content blocks, tool inputs parsed; the last as far as it came where
    /// an error ended it.
    pub content_blocks: Vec<Value>,
    /// `inference.completed`.
    pub completed: Option<Value>,
    /// The error that ended it, if one did.
    pub error: Option<Value>,
}

/// Checks the order of a stream's events and adds them up. Either it ends with
/// one `inference.completed`, or with one `error`.
pub fn check(events: &[Event]) -> Inference {
    let mut sum = Inference::default();
    let mut open: Option<(Value, String)> = None;
    let mut over = false;
    for event in events {
        let (name, data) = (event.name.as_str(), &event.data);
        let shown = || shown(events);
        assert!(!over, "`{name}` after the end:\n{}", shown());
        assert_eq!(
            data["type"],
            name,
            "event line and type differ:\n{}",
            shown()
        );
        let started = !sum.started.is_null();
        let here = data["index"] == sum.content_blocks.len();
        match name {
            "inference.started" => {
                assert!(!started, "it starts twice:\n{}", shown());
                sum.started = data.clone();
            }
            "content_block.started" => {
                assert!(
                    started && here && open.is_none(),
                    "blocks one by one:\n{}",
                    shown()
                );
                open = Some((data["content_block"].clone(), String::new()));
            }
            "content_block.delta" => {
                let (block, partial) = open.as_mut().unwrap_or_else(|| panic!("{}", shown()));
                assert!(here, "a delta elsewhere:\n{}", shown());
                delta(block, partial, &data["delta"]);
            }
            "content_block.stopped" => {
                let (mut block, partial) = open.take().unwrap_or_else(|| panic!("{}", shown()));
                assert!(here, "a stop elsewhere:\n{}", shown());
                if !partial.is_empty() {
                    block["input"] = serde_json::from_str(&partial).expect("JSON input");
                }
                sum.content_blocks.push(block);
            }
            "inference.completed" => {
                assert!(
                    started && open.is_none(),
                    "an end inside a block:\n{}",
                    shown()
                );
                assert_eq!(data["id"], sum.started["id"], "{}", shown());
                assert!(data["finish_reason"].is_string(), "{data}");
                sum.completed = Some(data.clone());
                over = true;
            }
            "error" => {
                let has =
                    |field: &str| data["error"][field].as_str().is_some_and(|t| !t.is_empty());
                assert!(has("type") && has("message"), "{data}");
                sum.content_blocks
                    .extend(open.take().map(|(block, _)| block));
                sum.error = Some(data["error"].clone());
                over = true;
            }
            "ping" => {}
            other => panic!("no event of the form: {other}\n{}", shown()),
        }
    }
    assert!(over, "a stream without an end:\n{}", shown(events));
    sum
}

fn delta(block: &mut Value, partial: &mut String, delta: &Value) {
    let (field, piece) = match (block["type"].as_str(), delta["type"].as_str()) {
        (Some("text"), Some("text_delta")) => ("text", &delta["text"]),
        (Some("thinking"), Some("thinking_delta")) => ("thinking", &delta["thinking"]),
        (Some("tool_use"), Some("input_json_delta")) => {
            partial.push_str(delta["partial_json"].as_str().expect("partial JSON"));
            return;
        }
        other => panic!("a delta that does not fit its block: {other:?}"),
    };
    let so_far = block[field].as_str().unwrap_or_default();
    block[field] = format!("{so_far}{}", piece.as_str().expect("a text")).into();
}

impl Inference {
    /// The stream in the form that a whole answer has it.
    pub fn whole(&self) -> Map<String, Value> {
        let mut whole = self.started.as_object().cloned().unwrap_or_default();
        if let Some(Value::Object(completed)) = self.completed.clone() {
            whole.extend(completed);
        }
        whole.insert("content_blocks".into(), self.content_blocks.clone().into());
        whole
    }
}
