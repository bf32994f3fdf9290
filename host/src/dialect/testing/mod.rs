//! What the tests of several dialects share: running a relay, what the answers
//! are called by, and clients that accept nothing out of order.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod anthropic;
mod chat;
mod frames;
pub mod laws;
mod native;

use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value;
use serde_json::value::RawValue;

pub use self::frames::events;
use super::NativeFacts;
use super::common::{Answer, AnswerBlock, Capture, Event, StopReason, ToolUse, Usage};
use super::encode::Encoder;
use super::relay::{Forward, Progress, Relay, StreamFailure};
use super::{Dialect, ErrorKind, Names};

/// What a relay made of a stream.
#[derive(Debug, PartialEq)]
pub struct Run {
    /// What went on before the end, written where it was translated.
    pub forwarded: Vec<u8>,
    /// The events, where it was translated.
    pub events: Vec<Event>,
    pub end: Result<Bytes, StreamFailure>,
    pub capture: Capture,
}

impl Run {
    /// Everything that a client of `dialect` gets.
    pub fn sent(&self, dialect: Dialect) -> Vec<u8> {
        let last = match &self.end {
            Ok(last) => last.clone(),
            Err(failure) => match &failure.own {
                Some(own) => own.event.clone(),
                None => {
                    dialect.error_event(ErrorKind::for_status(failure.status), &failure.message)
                }
            },
        };
        [&self.forwarded, &last[..]].concat()
    }
}

/// Feeds `chunks` to a relay of frames, then the end, and holds it to its
/// contract.
pub fn run<'c>(relay: impl Relay, chunks: impl IntoIterator<Item = &'c [u8]>) -> Run {
    feed(relay, None, chunks)
}

/// Feeds `chunks` to a relay of events, then the end, holds it to its contract
/// and writes the events as `dialect` does.
pub fn translate<'c>(
    relay: impl Relay,
    (dialect, names): (Dialect, Names),
    chunks: impl IntoIterator<Item = &'c [u8]>,
) -> Run {
    feed(relay, Some(dialect.encoder(names)), chunks)
}

/// The events of a relay, written as Anthropic does with thoughts shown.
pub fn translated(relay: impl Relay, stream: &str) -> Run {
    let client = (Dialect::Anthropic, names(true, true));
    translate(relay, client, [stream.as_bytes()])
}

fn feed<'c>(
    mut relay: impl Relay,
    mut encoder: Option<Box<dyn Encoder>>,
    chunks: impl IntoIterator<Item = &'c [u8]>,
) -> Run {
    let (mut forwarded, mut events) = (Vec::new(), Vec::new());
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
        if step.progress == Progress::Waiting {
            assert!(!flowing && step.forward.is_empty());
        }
        match (step.forward, &mut encoder) {
            (Forward::Frames(frames), None) => forwarded.extend_from_slice(&frames),
            (Forward::Events(new), Some(encoder)) => {
                for event in &new {
                    encoder.event(event, &mut forwarded);
                }
                events.extend(new);
            }
            (other, _) => panic!("{other:?}"),
        }
        match step.progress {
            Progress::Waiting => {}
            Progress::Flowing => flowing = true,
            Progress::Ended { last } => end = Some(Ok(last)),
            Progress::Failed(failure) => end = Some(Err(failure)),
        }
    }
    let end = match (end.unwrap(), &mut encoder) {
        (Ok(last), Some(encoder)) => {
            assert!(last.is_empty());
            Ok(encoder.close(Some(COST)))
        }
        (end, _) => end,
    };
    Run {
        forwarded,
        events,
        end,
        capture: relay.capture().clone(),
    }
}

/// What answers are called by.
pub fn names(thinking: bool, usage: bool) -> Names {
    Names {
        id: "1".into(),
        model: "m".into(),
        created: 1_790_000_000,
        thinking,
        usage,
        native: NativeFacts {
            inference_id: "inf_1".into(),
            receipt_id: "rcp_1".into(),
            provider: "p".into(),
            decision: r#"{"router":"direct"}"#.into(),
            cost_usd: Some(COST.to_owned()),
        },
    }
}

/// What it costs.
const COST: &str = "0.000009";

/// An answer of every kind of block.
pub fn answer() -> Answer {
    let input = |json: &str| RawValue::from_string(json.to_owned()).unwrap();
    let tool = |id: &str, json| {
        let (id, name, input) = (id.to_owned(), "f".to_owned(), input(json));
        AnswerBlock::ToolUse(ToolUse { id, name, input })
    };
    Answer {
        upstream_id: Some("x".into()),
        blocks: vec![
            AnswerBlock::Thinking {
                text: "hm\n".into(),
                signature: Some("s".into()),
            },
            AnswerBlock::Text("é".into()),
            tool("call.1", "{\"a\": 1.0}"),
            tool("", "{}"),
        ],
        stop_reason: StopReason::ToolUse,
        usage: Usage {
            input_tokens: Some(7),
            output_tokens: Some(9),
            cache_read: Some(2),
            cache_write: Some(1),
        },
    }
}

/// The same, streamed.
pub fn answer_events() -> Vec<Event> {
    let answer = answer();
    let tool = |id: &str| Event::ToolUse {
        id: id.into(),
        name: "f".into(),
    };
    vec![
        Event::Start {
            upstream_id: answer.upstream_id,
            usage: Usage {
                output_tokens: Some(1),
                ..answer.usage
            },
        },
        Event::Thinking("hm".into()),
        Event::Thinking("\n".into()),
        Event::Signature("s".into()),
        Event::Text(String::new()),
        Event::Text("é".into()),
        tool("call.1"),
        Event::ToolInput("{\"a\":".into()),
        Event::ToolInput(" 1.0}".into()),
        tool(""),
        Event::End {
            stop_reason: answer.stop_reason,
            usage: answer.usage,
        },
    ]
}

/// What `encoder` makes of `events`, with the end where they have one.
pub fn written(encoder: &mut impl Encoder, events: &[Event]) -> String {
    let mut out = Vec::new();
    for event in events {
        encoder.event(event, &mut out);
    }
    if let Some(Event::End { .. }) = events.last() {
        out.extend_from_slice(&encoder.close(Some(COST)));
    }
    String::from_utf8(out).unwrap()
}

/// The answer that a client of `dialect` puts together from a stream, or the
/// error that the stream ends with.
pub fn assemble(dialect: Dialect, stream: &[u8]) -> Result<Value, Value> {
    match dialect {
        Dialect::Anthropic => anthropic::assemble(stream),
        Dialect::OpenaiChat => chat::assemble(stream),
        Dialect::Native => native::assemble(stream),
    }
}

/// `stream`, cut at `cuts`.
pub fn chunks<'s>(stream: &'s [u8], cuts: &[Index]) -> Vec<&'s [u8]> {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
    cuts.extend([0, stream.len()]);
    cuts.sort_unstable();
    cuts.windows(2).map(|cut| &stream[cut[0]..cut[1]]).collect()
}

/// Where a stream may be cut.
pub fn cuts() -> impl Strategy<Value = Vec<Index>> {
    vec(any::<Index>(), 0..12)
}
