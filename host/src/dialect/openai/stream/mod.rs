//! A Chat Completions stream in the form between dialects.

mod blocks;
mod extent;
mod wire;

use self::blocks::Blocks;
use super::error;
use super::wire::stop_reason;
use crate::dialect::common::{Event, StopReason, Usage};

/// Decodes one stream, chunk by chunk as its data comes.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    started: bool,
    blocks: Blocks,
    refused: bool,
    /// Why the model stopped, once it has.
    finish: Option<StopReason>,
    usage: Option<Usage>,
}

/// Why a stream can't go on.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The provider said so.
    Reported { status: u16, message: String },
    /// The provider broke its protocol.
    Garbage(String),
}

impl Decoder {
    /// Takes a chunk's data and adds what it says to `events`.
    pub(super) fn chunk(&mut self, data: &[u8], events: &mut Vec<Event>) -> Result<(), Fault> {
        let chunk: wire::Chunk<'_> = match serde_json::from_slice(data) {
            Ok(chunk) => chunk,
            Err(unread) => {
                let garbage = Fault::Garbage(unread.to_string());
                return Err(Fault::reported(data).unwrap_or(garbage));
            }
        };
        let Some(choices) = chunk.choices.filter(|_| chunk.error.is_none()) else {
            let silent = chunk.error.map(|_| Fault::silent());
            Fault::reported(data).or(silent).map_or(Ok(()), Err)?;
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
        let delta = choice.delta.unwrap_or_default();
        self.blocks
            .text(&delta.content.unwrap_or_default().0, events)?;
        if let Some(refusal) = delta.refusal {
            self.refused = true;
            self.blocks.text(&refusal.0, events)?;
        }
        for call in delta.tool_calls.unwrap_or_default() {
            self.blocks.call(call, events)?;
        }
        if let Some(finish) = choice.finish_reason {
            let stop = stop_reason(&finish.0, self.blocks.tool_use(), self.refused);
            self.blocks.finish(&stop, events)?;
            self.finish = Some(stop);
        }
        Ok(())
    }

    /// Takes the `[DONE]` that ends a stream; whether the answer was whole.
    pub(super) fn done(&mut self, events: &mut Vec<Event>) -> bool {
        let Some(stop_reason) = self.finish.take() else {
            return false;
        };
        let usage = self.usage.unwrap_or_default();
        events.push(Event::End { stop_reason, usage });
        true
    }

    /// Takes a close without `[DONE]`, which is as good once everything that
    /// precedes it was there; whether the answer was whole.
    pub(super) fn closed(&mut self, events: &mut Vec<Event>) -> bool {
        self.usage.is_some() && self.done(events)
    }

    fn used(&mut self, usage: Option<super::wire::Usage>) {
        if let Some(usage) = usage {
            self.usage.get_or_insert_default().overwrite(&usage.into());
        }
    }
}

impl Fault {
    /// The error that `data` reports, if it does.
    fn reported(data: &[u8]) -> Option<Self> {
        let (status, message) = error::read(data)?;
        Some(Self::Reported { status, message })
    }

    fn silent() -> Self {
        Self::Reported {
            status: 500,
            message: "the provider reported an error without details".to_owned(),
        }
    }
}
