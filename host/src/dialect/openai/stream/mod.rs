//! A Chat Completions stream in the form between dialects.

mod blocks;
mod wire;

use self::blocks::Deltas;
use super::error;
use super::wire::{broke_off, stop_reason};
use super::words::words;
use crate::dialect::common::{Event, StopReason, Usage};
use crate::dialect::sse::Frame;
use crate::dialect::translate::{self, Fault, Read};

/// Decodes one stream, chunk by chunk as its data comes.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    started: bool,
    blocks: Deltas,
    /// Whether a thought between marks is open.
    marked: bool,
    refused: bool,
    /// Why the model stopped, once it has.
    finish: Option<StopReason>,
    usage: Option<Usage>,
}

impl translate::Decoder for Decoder {
    fn frame(&mut self, frame: &Frame<'_>, events: &mut Vec<Event>) -> Result<Read, Fault> {
        let Some(data) = &frame.data else {
            return Ok(Read::More);
        };
        if data.trim_ascii() == b"[DONE]" {
            let whole = self.done(events);
            return Ok(Read::Ended { whole });
        }
        self.chunk(data, events)?;
        Ok(Read::More)
    }

    fn closed(&mut self, events: &mut Vec<Event>) -> bool {
        // As good as a `[DONE]` once everything that precedes one was there.
        self.usage.is_some() && self.done(events)
    }
}

impl Decoder {
    /// Takes a chunk's data and adds what it says to `events`.
    fn chunk(&mut self, data: &[u8], events: &mut Vec<Event>) -> Result<(), Fault> {
        let chunk: wire::Chunk<'_> = match serde_json::from_slice(data) {
            Ok(chunk) => chunk,
            Err(unread) => {
                let garbage = Fault::Garbage(unread.to_string());
                return Err(reported(data).unwrap_or(garbage));
            }
        };
        let Some(choices) = chunk.choices.filter(|_| chunk.error.is_none()) else {
            let silent = chunk.error.map(|_| silent());
            reported(data).or(silent).map_or(Ok(()), Err)?;
            self.used(chunk.usage);
            return Ok(());
        };
        self.used(chunk.usage);
        // Only one answer was asked for.
        let choice = choices
            .into_iter()
            .find(|choice| choice.index.unwrap_or(0) == 0);
        let Some(choice) = choice.filter(|_| self.finish.is_none()) else {
            return Ok(());
        };
        if !self.started {
            self.started = true;
            let upstream_id = chunk.id.map(|id| id.0.into_owned());
            let usage = self.usage.unwrap_or_default();
            events.push(Event::Start { upstream_id, usage });
        }
        let mut delta = choice.delta.unwrap_or_default();
        self.refused |= delta.refusal.is_some();
        words(&mut delta, &mut self.marked, |words| {
            self.blocks.say(&words, events)
        })?;
        for call in delta.tool_calls.unwrap_or_default() {
            self.blocks.call(call, events)?;
        }
        if let Some(finish) = choice.finish_reason {
            if broke_off(&finish.0) {
                return Err(broken_off());
            }
            let stop = stop_reason(&finish.0, self.blocks.tool_use(), self.refused);
            self.blocks.finish(&stop, events)?;
            self.finish = Some(stop);
        }
        Ok(())
    }

    /// Takes the `[DONE]` that ends a stream; whether the answer was whole.
    fn done(&mut self, events: &mut Vec<Event>) -> bool {
        let Some(stop_reason) = self.finish.take() else {
            return false;
        };
        let usage = self.usage.unwrap_or_default();
        events.push(Event::End { stop_reason, usage });
        true
    }

    fn used(&mut self, usage: Option<super::wire::Usage>) {
        if let Some(usage) = usage {
            self.usage.get_or_insert_default().overwrite(&usage.into());
        }
    }
}

/// The error that `data` reports, if it does.
fn reported(data: &[u8]) -> Option<Fault> {
    let (status, message) = error::read(data)?;
    Some(Fault::Reported { status, message })
}

fn silent() -> Fault {
    Fault::Reported {
        status: 500,
        message: "the provider reported an error without details".to_owned(),
    }
}

fn broken_off() -> Fault {
    Fault::Reported {
        status: 500,
        message: "the provider broke off its answer".to_owned(),
    }
}
