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
}

/// The part of a prompt that asks the upstream to rest; gateways pass it untouched.
const REST: &[u8] = b"and take your time";

impl Prompt {
    /// The body of a Messages call.
    pub fn body(self) -> String {
        let (content, stream) = match self {
            Self::Answer => ("hello", ""),
            Self::Stream => ("hello", r#","stream":true"#),
            Self::FirstByte => ("hello and take your time", r#","stream":true"#),
        };
        format!(
            r#"{{"model":"ainfera-inference","max_tokens":64,"messages":[{{"role":"user","content":"{content}"}}]{stream}}}"#
        )
    }

    /// The prompt a body came from, whatever a gateway changed around it.
    pub fn of(body: &[u8]) -> Self {
        if has(body, REST) {
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
        }
    }
}

fn has(text: &[u8], words: &[u8]) -> bool {
    text.windows(words.len()).any(|part| part == words)
}
