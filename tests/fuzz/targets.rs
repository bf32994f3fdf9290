//! What every input has to leave true. Shared by the fuzzer, which looks for
//! inputs by coverage, and by the black-box tests, which try the corpus and a
//! bounded number of its mutations.
//!
//! A target panics where something does not hold. The first byte of an input
//! says how the rest is cut into chunks.

use bytes::Bytes;
use serde_json::Value;

use super::dialect::common::{self, Event};
use super::dialect::openai::Quirks;
use super::dialect::relay::{Forward, Progress, Relay, StreamFailure};
use super::dialect::sse::Splitter;
use super::dialect::{
    ClientRequest, Dialect, ErrorKind, Names, NativeFacts, anthropic, openai, responses,
};

/// A target and its name.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: [Target; 6] = [
    ("sse", sse),
    ("messages_request", messages_request),
    ("chat_request", chat_request),
    ("messages_stream", messages_stream),
    ("chat_stream", chat_stream),
    ("responses_stream", responses_stream),
];

/// Frames are the same ones however the stream is cut, and lose no byte but
/// those of an unfinished last one.
pub fn sse(data: &[u8]) {
    let (chunk, data) = cut(data);
    let frames = |chunk: usize| {
        let mut splitter = Splitter::default();
        let mut all: Vec<Vec<u8>> = Vec::new();
        for piece in data.chunks(chunk) {
            let frames = splitter.feed(Bytes::copy_from_slice(piece));
            all.extend(frames.iter().map(|frame| frame.text.to_vec()));
        }
        let frames = splitter.eof();
        all.extend(frames.iter().map(|frame| frame.text.to_vec()));
        all
    };
    let whole = frames(data.len().max(1));
    assert_eq!(whole, frames(chunk), "chunks change the frames");
    let bom = b"\xef\xbb\xbf";
    let data = data.strip_prefix(bom).unwrap_or(data);
    assert!(data.starts_with(&whole.concat()), "a frame's bytes changed");
}

/// A Messages request.
pub fn messages_request(data: &[u8]) {
    request(Dialect::Anthropic, data);
}

/// A Chat Completions request, which is the native form's too.
pub fn chat_request(data: &[u8]) {
    request(Dialect::OpenaiChat, data);
    request(Dialect::Native, data);
}

/// What can be read can be sent on as it is, and what can be translated is
/// valid JSON in every protocol.
fn request(dialect: Dialect, data: &[u8]) {
    let Ok(request) = ClientRequest::read(dialect, data) else {
        return;
    };
    assert!(!request.head().model.is_empty());
    let own = match &request {
        ClientRequest::Anthropic(request) => request.for_upstream("up\"stream"),
        ClientRequest::OpenaiChat(request) | ClientRequest::Native(request) => {
            request.for_upstream("up\"stream", &Quirks::default())
        }
    };
    // Numbers of any size are kept as they are, so only the form is checked.
    let read = ClientRequest::read(dialect, &own).expect("what is sent on can be read");
    assert_eq!(read.head().model, "up\"stream");
    assert!(read.head().hint.is_none());
    if let Ok(common) = request.to_common() {
        encoded(&common, request.head().stream);
    }
}

fn encoded(request: &common::Request, stream: bool) {
    let bodies = [
        anthropic::request::encode::encode(request, "up", stream, 100),
        openai::request::encode::encode(request, "up", stream, &Quirks::default()),
        responses::request::encode(request, "up", stream, &Quirks::default()),
    ];
    for body in bodies.into_iter().flatten() {
        let body: Box<serde_json::value::RawValue> =
            serde_json::from_slice(&body).expect("a translated request is JSON");
        assert!(body.get().starts_with('{'));
    }
}

/// A Messages stream, passed through and translated.
pub fn messages_stream(data: &[u8]) {
    stream(data, &|| Box::new(anthropic::relay::passthrough()));
    stream(data, &|| Box::new(anthropic::relay::translated()));
}

/// A Chat Completions stream, passed through and translated.
pub fn chat_stream(data: &[u8]) {
    stream(data, &|| Box::new(openai::relay::passthrough(false)));
    stream(data, &|| Box::new(openai::relay::passthrough(true)));
    stream(data, &|| Box::new(openai::relay::translated()));
}

/// A Responses stream, translated.
pub fn responses_stream(data: &[u8]) {
    stream(data, &|| Box::new(responses::relay::translated()));
}

/// What a relay made of a stream.
#[derive(Debug, PartialEq)]
struct Run {
    frames: Vec<u8>,
    events: Vec<Event>,
    end: Result<Bytes, StreamFailure>,
}

/// However a stream is cut, it comes out the same; it ends once; and in every
/// dialect it is written as a client can read it.
fn stream(data: &[u8], relay: &dyn Fn() -> Box<dyn Relay>) {
    let (chunk, data) = cut(data);
    let whole = run(relay(), data, data.len().max(1));
    let mut pieces = run(relay(), data, chunk);
    pieces.events = merged(pieces.events);
    let whole = Run {
        events: merged(whole.events),
        ..whole
    };
    assert_eq!(whole, pieces, "chunks change the answer");
    for dialect in [Dialect::Anthropic, Dialect::OpenaiChat, Dialect::Native] {
        written(dialect, &whole);
    }
}

fn run(mut relay: Box<dyn Relay>, data: &[u8], chunk: usize) -> Run {
    let (mut frames, mut events, mut end) = (Vec::new(), Vec::new(), None);
    let chunks = data
        .chunks(chunk)
        .map(|piece| Some(Bytes::copy_from_slice(piece)));
    for piece in chunks.chain([None]) {
        let step = match piece {
            Some(piece) => relay.feed(piece),
            None => relay.eof(),
        };
        if end.is_some() {
            assert!(step.forward.is_empty(), "something follows the end");
            continue;
        }
        match step.forward {
            Forward::Frames(more) => frames.extend_from_slice(&more),
            Forward::Events(more) => events.extend(more),
        }
        match step.progress {
            Progress::Waiting => assert!(frames.is_empty() && events.is_empty()),
            Progress::Flowing => {}
            Progress::Ended { last } => end = Some(Ok(last)),
            Progress::Failed(failure) => end = Some(Err(failure)),
        }
    }
    let end = end.expect("a stream that is over has ended or failed");
    Run {
        frames,
        events,
        end,
    }
}

/// Neighbouring pieces of one text as one.
fn merged(events: Vec<Event>) -> Vec<Event> {
    let mut all: Vec<Event> = Vec::new();
    for event in events {
        match (all.last_mut(), &event) {
            (Some(Event::Text(text)), Event::Text(more))
            | (Some(Event::Thinking(text)), Event::Thinking(more))
            | (Some(Event::ToolInput(text)), Event::ToolInput(more)) => text.push_str(more),
            _ => all.push(event),
        }
    }
    all
}

fn written(dialect: Dialect, run: &Run) {
    let mut encoder = dialect.encoder(Names {
        id: "0123456789abcdef".to_owned(),
        model: "m".to_owned(),
        created: 0,
        thinking: true,
        usage: true,
        native: NativeFacts::default(),
    });
    let mut out = Vec::new();
    for event in &run.events {
        encoder.event(event, &mut out);
    }
    match &run.end {
        Ok(_) => out.extend_from_slice(&encoder.close(None)),
        Err(failure) => {
            let kind = ErrorKind::for_status(failure.status);
            out.extend_from_slice(&dialect.error_event(kind, &failure.message));
        }
    }
    let text = String::from_utf8(out).expect("frames are UTF-8");
    for line in text.lines() {
        match line.strip_prefix("data: ") {
            Some("[DONE]") => assert_eq!(dialect, Dialect::OpenaiChat),
            Some(json) => {
                let data: Value = serde_json::from_str(json).expect("an event's data is JSON");
                assert!(data.is_object());
            }
            None => assert!(line.is_empty() || line.starts_with("event: ")),
        }
    }
}

/// The length of chunks, and the data.
fn cut(input: &[u8]) -> (usize, &[u8]) {
    match input {
        [first, data @ ..] => (usize::from(first % 61) + 1, data),
        [] => (1, input),
    }
}
