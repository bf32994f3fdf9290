//! Reading a stream as an SSE client does.

use serde_json::Value;

/// An event of a stream.
#[derive(Debug, Clone, PartialEq)]
pub struct SseEvent {
    /// The name in its `event:` line, if it has one.
    pub name: Option<String>,
    /// Its data; a string where that is no JSON.
    pub data: Value,
}

impl SseEvent {
    /// The type that its data names.
    pub fn kind(&self) -> &str {
        self.data["type"].as_str().unwrap_or_default()
    }
}

/// The events of a stream; comments are passed over. Every frame has to be
/// whole.
pub fn events(stream: &[u8]) -> Vec<SseEvent> {
    let text = str::from_utf8(stream)
        .unwrap()
        .trim_start_matches('\u{feff}');
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    assert!(text.is_empty() || text.ends_with('\n'), "{text:?}");
    let mut events = Vec::new();
    for frame in text.split("\n\n") {
        let field = |name: &str| {
            let lines = frame.lines().filter_map(|line| line.strip_prefix(name));
            lines
                .map(|value| value.strip_prefix(' ').unwrap_or(value))
                .collect::<Vec<_>>()
        };
        let data = field("data:").join("\n");
        if !data.is_empty() {
            let data = serde_json::from_str(&data).unwrap_or(Value::String(data));
            let name = field("event:").last().map(ToString::to_string);
            events.push(SseEvent { name, data });
        }
    }
    events
}
