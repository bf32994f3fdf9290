//! What the tests of several relays share: running one, and a client of the
//! Anthropic dialect that accepts nothing out of order.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use bytes::Bytes;
use proptest::sample::Index;
use serde_json::{Value, json};

use super::common::Capture;
use super::relay::{Progress, Relay, StreamFailure};

/// What a relay made of a stream.
#[derive(Debug, PartialEq)]
pub struct Run {
    pub forwarded: Vec<u8>,
    pub end: Result<Bytes, StreamFailure>,
    pub capture: Capture,
}

impl Run {
    /// Everything that a client gets.
    pub fn sent(&self) -> Vec<u8> {
        let last = match &self.end {
            Ok(last) => last,
            Err(failure) => &failure.event,
        };
        [&self.forwarded, &last[..]].concat()
    }
}

/// Feeds `chunks` to `relay`, then the end, and holds it to its contract.
pub fn run<'c>(mut relay: impl Relay, chunks: impl IntoIterator<Item = &'c [u8]>) -> Run {
    let mut forwarded = Vec::new();
    let mut flowing = false;
    let mut end = None;
    let chunks = chunks
        .into_iter()
        .map(|chunk| Some(Bytes::copy_from_slice(chunk)));
    for chunk in chunks.chain([None]) {
        let step = match chunk {
            Some(chunk) => relay.feed(chunk),
            None => relay.eof(),
        };
        if let Some(end) = &end {
            assert!(step.forward.is_empty());
            match (end, step.progress) {
                (Ok(_), Progress::Ended { last }) => assert!(last.is_empty()),
                (Err(before), Progress::Failed(failure)) => assert_eq!(before, &failure),
                other => panic!("{other:?}"),
            }
            continue;
        }
        forwarded.extend_from_slice(&step.forward);
        match step.progress {
            Progress::Waiting => assert!(!flowing && step.forward.is_empty()),
            Progress::Flowing => flowing = true,
            Progress::Ended { last } => end = Some(Ok(last)),
            Progress::Failed(failure) => end = Some(Err(failure)),
        }
    }
    let capture = relay.capture().clone();
    Run {
        forwarded,
        end: end.unwrap(),
        capture,
    }
}

/// `stream`, cut at `cuts`.
pub fn chunks<'s>(stream: &'s [u8], cuts: &[Index]) -> Vec<&'s [u8]> {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
    cuts.extend([0, stream.len()]);
    cuts.sort_unstable();
    cuts.windows(2).map(|cut| &stream[cut[0]..cut[1]]).collect()
}

/// The events of a stream, by name and data; comments are passed over.
pub fn events(stream: &[u8]) -> Vec<(String, Value)> {
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
            let data: Value = serde_json::from_str(&data).unwrap();
            let kind = data["type"].as_str().unwrap().to_owned();
            assert!(field("event:").iter().all(|event| *event == kind));
            events.push((kind, data));
        }
    }
    events
}

/// The message that a client puts together from a whole stream.
pub fn assemble(stream: &[u8]) -> Value {
    let mut message = Value::Null;
    let mut open: Option<String> = None;
    let mut stopped = false;
    for (kind, data) in events(stream) {
        assert!(!stopped, "{kind} after the end");
        let last = message["content"]
            .as_array()
            .map_or(0, Vec::len)
            .wrapping_sub(1);
        match kind.as_str() {
            "ping" => {}
            "message_start" => {
                assert!(message.is_null());
                message = data["message"].clone();
            }
            "content_block_start" => {
                assert!(open.is_none(), "a block begins in another");
                assert_eq!(data["index"], json!(last.wrapping_add(1)));
                message["content"]
                    .as_array_mut()
                    .unwrap()
                    .push(data["content_block"].clone());
                open = Some(String::new());
            }
            "content_block_delta" => {
                assert_eq!(data["index"], json!(last));
                let gathered = open.as_mut().unwrap();
                let delta = &data["delta"];
                let piece = match message["content"][last]["type"].as_str().unwrap() {
                    "text" => &delta["text"],
                    _ => &delta["partial_json"],
                };
                gathered.push_str(piece.as_str().unwrap());
            }
            "content_block_stop" => {
                assert_eq!(data["index"], json!(last));
                let gathered = open.take().unwrap();
                let block = &mut message["content"][last];
                if block["type"] == "text" {
                    block["text"] = json!(gathered);
                } else if !gathered.trim().is_empty() {
                    block["input"] = serde_json::from_str(&gathered).unwrap();
                }
            }
            "message_delta" => {
                assert!(open.is_none());
                message["stop_reason"] = data["delta"]["stop_reason"].clone();
                message["stop_sequence"] = data["delta"]["stop_sequence"].clone();
                for (count, value) in data["usage"].as_object().unwrap() {
                    message["usage"][count] = value.clone();
                }
            }
            "message_stop" => stopped = true,
            other => panic!("{other}"),
        }
    }
    assert!(stopped);
    message
}
