//! What the fake provider can be told to do.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;
use tokio::sync::Semaphore;

use super::answer::{Answer, Block, End, Usage};

/// One answer of the fake provider, in whichever protocol it is asked.
#[derive(Clone, Debug)]
pub struct Behaviour {
    /// What it answers.
    pub reply: Reply,
    /// How long it waits before the first byte, headers included.
    pub delay: Duration,
    /// Nothing is sent before a permit, headers included.
    pub hold: Option<Gate>,
    /// The largest piece that is written at once; 0 writes frame by frame.
    pub piece: usize,
    /// Headers beside those of the protocol.
    pub headers: Vec<(String, String)>,
    /// A stream waits here for a permit before each frame after the first.
    pub gate: Option<Gate>,
    /// How long a stream waits before each frame after the first.
    pub pace: Duration,
    /// Is told how far the answer was given.
    pub watch: Option<Watch>,
}

/// Is told how far an answer was given: after each piece how many there were, and
/// whether that was the last.
#[derive(Clone)]
pub struct Watch(Arc<dyn Fn(usize, bool) + Send + Sync>);

/// Lets a test hold a stream and let its frames go one by one.
#[derive(Clone, Debug)]
pub struct Gate(Arc<Semaphore>);

/// The kinds of answer.
#[derive(Clone, Debug)]
pub enum Reply {
    /// A model's answer.
    Answer(Answer),
    /// An HTTP error.
    Status {
        /// Its status.
        status: u16,
        /// Of the body.
        content_type: String,
        /// As it is sent.
        body: Bytes,
    },
    /// A 200 with these bytes as its body, streamed or not, then `end`.
    Raw {
        /// Of the body.
        content_type: String,
        /// The body, written frame by frame.
        frames: Vec<Bytes>,
        /// What follows.
        end: End,
    },
    /// A 200 stream whose first event is an error; the same as a 200 body when
    /// not streamed.
    ErrorFirst {
        /// The error's type.
        kind: String,
        /// Its text.
        message: String,
    },
    /// Reads the request and never answers.
    Silence,
    /// Reads the request and closes the connection.
    HangUp,
}

impl Behaviour {
    fn of(reply: Reply) -> Self {
        Self {
            reply,
            delay: Duration::ZERO,
            hold: None,
            piece: 0,
            headers: Vec::new(),
            gate: None,
            pace: Duration::ZERO,
            watch: None,
        }
    }

    /// Answers with one text block.
    pub fn text(text: &str) -> Self {
        Self::blocks(vec![Block::Text(text.to_owned())])
    }

    /// Answers with these blocks; the stop reason is `tool_use` if one is a tool.
    pub fn blocks(blocks: Vec<Block>) -> Self {
        let tool = blocks
            .iter()
            .any(|block| matches!(block, Block::Tool { .. }));
        Self::of(Reply::Answer(Answer {
            blocks,
            stop_reason: if tool { "tool_use" } else { "end_turn" }.to_owned(),
            stop_sequence: None,
            usage: Usage {
                input: 25,
                output: 15,
                cache_read: 0,
                cache_write: 0,
            },
            end: End::Whole,
            frames: None,
            pings: false,
            unknown: false,
            interleave: false,
        }))
    }

    /// Answers with one tool call.
    pub fn tool(id: &str, name: &str, input: Value) -> Self {
        Self::blocks(vec![Block::Tool {
            id: id.to_owned(),
            name: name.to_owned(),
            input,
        }])
    }

    /// Answers with an HTTP error in the shape that both protocols understand.
    pub fn status(status: u16, kind: &str, message: &str) -> Self {
        let body = serde_json::json!({
            "type": "error",
            "error": {"type": kind, "message": message},
            "request_id": "req_upstream",
        });
        Self::status_body(status, body.to_string())
    }

    /// Answers with an HTTP error and exactly this body.
    pub fn status_body(status: u16, body: impl Into<Bytes>) -> Self {
        Self::of(Reply::Status {
            status,
            content_type: "application/json".to_owned(),
            body: body.into(),
        })
    }

    /// A 200 with exactly these frames as a stream.
    pub fn raw_stream<B: Into<Bytes>>(frames: impl IntoIterator<Item = B>) -> Self {
        Self::of(Reply::Raw {
            content_type: "text/event-stream; charset=utf-8".to_owned(),
            frames: frames.into_iter().map(Into::into).collect(),
            end: End::Whole,
        })
    }

    /// A 200 with exactly this body.
    pub fn raw_json(body: impl Into<Bytes>) -> Self {
        Self::of(Reply::Raw {
            content_type: "application/json".to_owned(),
            frames: vec![body.into()],
            end: End::Whole,
        })
    }

    /// A 200 whose first event is an error.
    pub fn error_first(kind: &str, message: &str) -> Self {
        Self::of(Reply::ErrorFirst {
            kind: kind.to_owned(),
            message: message.to_owned(),
        })
    }

    /// Never answers.
    pub fn silence() -> Self {
        Self::of(Reply::Silence)
    }

    /// Closes the connection without an answer.
    pub fn hang_up() -> Self {
        Self::of(Reply::HangUp)
    }

    /// The stream ends so, instead of whole.
    pub fn ending(mut self, how: End) -> Self {
        match &mut self.reply {
            Reply::Answer(answer) => answer.end = how,
            Reply::Raw { end, .. } => *end = how,
            other => panic!("{other:?} has no end to change"),
        }
        self
    }

    /// Changes the answer's details.
    pub fn with(mut self, change: impl FnOnce(&mut Answer)) -> Self {
        match &mut self.reply {
            Reply::Answer(answer) => change(answer),
            other => panic!("{other:?} is no model's answer"),
        }
        self
    }

    /// Waits before the first byte.
    pub fn delayed(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Sends nothing before the gate lets it go, streamed or not.
    pub fn held(mut self, gate: &Gate) -> Self {
        self.hold = Some(gate.clone());
        self
    }

    /// Writes at most so many bytes at once, across frame borders.
    pub fn in_pieces(mut self, bytes: usize) -> Self {
        self.piece = bytes;
        self
    }

    /// Adds a response header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Waits before each frame of a stream after the first.
    pub fn paced(mut self, pace: Duration) -> Self {
        self.pace = pace;
        self
    }

    /// Tells `watch` after each piece how many were written, and whether that was
    /// the last.
    pub fn watched(mut self, watch: impl Fn(usize, bool) + Send + Sync + 'static) -> Self {
        self.watch = Some(Watch(Arc::new(watch)));
        self
    }

    pub(super) fn note(&self, pieces: usize, last: bool) {
        if let Some(Watch(watch)) = &self.watch {
            watch(pieces, last);
        }
    }

    /// Holds the stream after its first frame until the gate lets frames go.
    pub fn gated(mut self, gate: &Gate) -> Self {
        self.gate = Some(gate.clone());
        self
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watch")
    }
}

impl Gate {
    /// A closed gate.
    #[expect(clippy::new_without_default, reason = "a gate is made closed, by name")]
    pub fn new() -> Self {
        Self(Arc::new(Semaphore::new(0)))
    }

    /// Lets `frames` more frames go.
    pub fn release(&self, frames: usize) {
        self.0.add_permits(frames);
    }

    /// Lets everything go from now on.
    pub fn open(&self) {
        self.0.add_permits(Semaphore::MAX_PERMITS / 2);
    }

    pub(super) async fn pass(&self) {
        if let Ok(permit) = self.0.acquire().await {
            permit.forget();
        }
    }
}
