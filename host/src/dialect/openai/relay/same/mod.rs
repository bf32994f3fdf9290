//! A Chat Completions stream on its way to a client of the same dialect.

mod failure;
mod scan;
#[cfg(test)]
mod tests;
mod wire;

use bytes::Bytes;
use serde_json::value::RawValue;

use self::wire::{Choice, Chunk};
use crate::dialect::common::Capture;
use crate::dialect::openai::said::said_bytes;
use crate::dialect::openai::wire::{Usage, broke_off};
use crate::dialect::passthrough::{self, Meaning, Passthrough};
use crate::dialect::relay::{Relay, StreamFailure};
use crate::dialect::sse::Frame;

const DONE: &[u8] = b"[DONE]";

/// Relays a Chat Completions stream byte for byte, up to its end. Reads beside
/// it what the record needs; of a chunk that says nothing of it only the bytes
/// of its words are counted. `hide_usage` keeps the chunk that holds nothing but usage from the
/// client.
pub fn passthrough(hide_usage: bool) -> impl Relay {
    Passthrough::new(Reader {
        hide_usage,
        capture: Capture::default(),
        started: false,
        finished: false,
        used: false,
    })
}

/// What has been read of the stream.
struct Reader {
    hide_usage: bool,
    capture: Capture,
    started: bool,
    finished: bool,
    used: bool,
}

impl passthrough::Reader for Reader {
    fn read(&mut self, text: &[u8]) -> Meaning {
        let frame = Frame::parse(text);
        let data = frame.data.as_deref().unwrap_or_default().trim_ascii();
        let is_error = frame.event == Some(b"error");
        if data.is_empty() {
            return Meaning::Aside;
        }
        if data == DONE {
            return self.done();
        }
        self.capture.said_bytes += said_bytes(scan::delta(data));
        if self.started && !is_error && !scan::may_tell(data, self.capture.tool_use) {
            return Meaning::Real;
        }
        match serde_json::from_slice(data) {
            Ok(chunk) if !is_error => self.chunk(chunk, text, data),
            Ok(_) => Meaning::Failure(failure::from_chunk(text, data)),
            Err(unread) => {
                let garbage = || StreamFailure::garbage(&unread.to_string());
                let failure = failure::reported(text, data).unwrap_or_else(garbage);
                Meaning::Failure(failure)
            }
        }
    }

    fn closed(&mut self) -> Option<Bytes> {
        // As good as a `[DONE]` once everything that precedes one was there.
        let whole = self.finished && self.used;
        whole.then_some(Bytes::from_static(b"data: [DONE]\n\n"))
    }

    fn capture(&self) -> &Capture {
        &self.capture
    }
}

impl Reader {
    fn chunk(&mut self, chunk: Chunk<'_>, text: &[u8], data: &[u8]) -> Meaning {
        if chunk.error.is_some() {
            return Meaning::Failure(failure::from_chunk(text, data));
        }
        if chunk.choices.is_none()
            && let Some(failure) = failure::reported(text, data)
        {
            return Meaning::Failure(failure);
        }
        let only_usage = self.used(chunk.usage);
        if self.capture.upstream_id.is_none() {
            self.capture.upstream_id = chunk.id.map(|id| id.0.into_owned());
        }
        let choices = chunk.choices.unwrap_or_default();
        if choices.is_empty() {
            return if only_usage && self.hide_usage {
                Meaning::Hidden
            } else {
                Meaning::Aside
            };
        }
        self.started = true;
        for choice in choices {
            if let Err(failure) = self.choice(choice) {
                return Meaning::Failure(failure);
            }
        }
        Meaning::Real
    }

    fn choice(&mut self, choice: Choice<'_>) -> Result<(), StreamFailure> {
        let calls = choice.delta.and_then(|delta| delta.tool_calls);
        self.capture.tool_use |= calls.is_some_and(|calls| !calls.is_empty());
        let Some(reason) = choice.finish_reason else {
            return Ok(());
        };
        if broke_off(&reason.0) {
            return Err(failure::broken_off());
        }
        self.finished = true;
        self.capture.stop_reason = Some(reason.0.into_owned());
        Ok(())
    }

    /// Takes usage, if there is any; whether there is.
    fn used(&mut self, usage: Option<&RawValue>) -> bool {
        let usage = usage.and_then(|usage| serde_json::from_str::<Usage>(usage.get()).ok());
        let Some(usage) = usage else {
            return false;
        };
        self.used = true;
        self.capture.usage.overwrite(&usage.into());
        true
    }

    fn done(&self) -> Meaning {
        if self.finished {
            Meaning::Stop
        } else if self.started {
            // Some hosts end what broke off so.
            Meaning::Failure(StreamFailure::died())
        } else {
            Meaning::Failure(StreamFailure::garbage("it ended before it began"))
        }
    }
}
