//! The calls that are made, and how the upstream tells them apart after any gateway.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// What kind of answer a call asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Prompt {
    /// One JSON body.
    Answer,
    /// A stream whose events follow each other at once.
    Stream,
    /// A stream that rests after its first event, as a provider's does: the first byte is then
    /// measured alone, not in the queue of those after it.
    FirstByte,
    /// A long stream: what a token costs, without what a call costs.
    Tokens,
    /// The same from an upstream of the other dialect, which the gateway translates. The other
    /// ways get it in the client's own.
    Translated,
    /// A stream that begins and does not end.
    Open,
}

/// The parts of a prompt that tell the upstream what to do; gateways pass them untouched.
const REST: &[u8] = b"and take your time";
const LONG: &[u8] = b"and tell me all";
const OPEN: &[u8] = b"and stay";

impl Prompt {
    /// The body of a Messages call.
    pub fn body(self) -> String {
        let (content, stream) = match self {
            Self::Answer => ("hello", ""),
            Self::Stream => ("hello", r#","stream":true"#),
            Self::FirstByte => ("hello and take your time", r#","stream":true"#),
            Self::Tokens | Self::Translated => ("hello and tell me all", r#","stream":true"#),
            Self::Open => ("hello and stay", r#","stream":true"#),
        };
        let model = match self {
            Self::Translated => "bench-chat",
            _ => "ainfera-inference",
        };
        format!(
            r#"{{"model":"{model}","max_tokens":64,"messages":[{{"role":"user","content":"{content}"}}]{stream}}}"#
        )
    }

    /// The prompt a body came from, whatever a gateway changed around it.
    pub fn of(body: &[u8]) -> Self {
        // Only a translated request calls its limit so.
        if has(body, b"max_completion_tokens") {
            Self::Translated
        } else if has(body, LONG) {
            Self::Tokens
        } else if has(body, OPEN) {
            Self::Open
        } else if has(body, REST) {
            Self::FirstByte
        } else if has(body, br#""stream":true"#) {
            Self::Stream
        } else {
            Self::Answer
        }
    }

    /// Whether an answer is good. A stream also has to have reached its last event.
    pub fn is_answered(self, status: u16, body: &[u8]) -> bool {
        /// More than the last event and the end of the chunked coding.
        const TAIL: usize = 80;
        let tail = body.get(body.len().saturating_sub(TAIL)..);
        let ended = || has(tail.unwrap_or_default(), b"message_stop");
        status == 200 && (self == Self::Answer || ended())
    }

    /// How the report names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::Stream => "stream",
            Self::FirstByte => "first byte",
            Self::Tokens => "tokens",
            Self::Translated => "translated",
            Self::Open => "open",
        }
    }
}

fn has(text: &[u8], words: &[u8]) -> bool {
    text.windows(words.len()).any(|part| part == words)
}
