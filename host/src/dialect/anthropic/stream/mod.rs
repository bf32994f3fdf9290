//! A Messages stream in the form between dialects.

mod open;
#[cfg(test)]
mod tests;
mod wire;

use self::open::Block;
use super::block;
use super::event::event_name;
use super::failure;
use super::stop::stop_reason;
use crate::dialect::common::{Event, StopReason, Usage};
use crate::dialect::sse::Frame;
use crate::dialect::translate::{self, Fault, Read};

/// Decodes one stream, event by event. Blocks without a counterpart, such as
/// those of the provider's own tools, are passed over.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    started: bool,
    open: Option<Block>,
    calls: bool,
    usage: Usage,
    /// Why the model stopped, once it has.
    stop: Option<StopReason>,
}

impl translate::Decoder for Decoder {
    fn frame(&mut self, frame: &Frame<'_>, events: &mut Vec<Event>) -> Result<Read, Fault> {
        let Some(data) = &frame.data else {
            return Ok(Read::More);
        };
        match event_name(frame.event, data).as_ref() {
            b"error" => return Err(reported(data)),
            b"message_start" if self.started => return garbage("it began twice"),
            b"message_start" => self.begin(read(data)?, events),
            b"content_block_start"
            | b"content_block_delta"
            | b"content_block_stop"
            | b"message_delta"
            | b"message_stop"
                if !self.started =>
            {
                return garbage("it goes on before it began");
            }
            b"content_block_start" => self.begin_block(&read(data)?, events)?,
            b"content_block_delta" => self.delta(read(data)?, events)?,
            b"content_block_stop" => self.end_block(&read(data)?, events)?,
            b"message_delta" | b"message_stop" if self.open.is_some() => {
                return garbage("it ends within a block");
            }
            b"message_delta" => self.message_delta(read(data)?),
            b"message_stop" => {
                let whole = self.end(events);
                return Ok(Read::Ended { whole });
            }
            // Pings, and what is new.
            _ => {}
        }
        Ok(Read::More)
    }

    fn closed(&mut self, _events: &mut Vec<Event>) -> bool {
        false
    }
}

impl Decoder {
    fn begin(&mut self, event: wire::Event<'_>, events: &mut Vec<Event>) {
        self.started = true;
        let (id, usage) = event
            .message
            .map_or((None, None), |message| (message.id, message.usage));
        self.usage = usage.unwrap_or_default().into();
        events.push(Event::Start {
            upstream_id: id.map(|id| id.0.into_owned()),
            usage: self.usage,
        });
    }

    fn begin_block(
        &mut self,
        event: &wire::Event<'_>,
        events: &mut Vec<Event>,
    ) -> Result<(), Fault> {
        if self.open.is_some() {
            return garbage("a block begins within another");
        }
        let (Some(index), Some(block)) = (event.index, event.content_block) else {
            return garbage("a block begins without `index` or `content_block`");
        };
        let block = block::Block::read(block).or_else(garbage)?;
        let block = Block::begin(index, block, events);
        self.calls |= block.is_call();
        self.open = Some(block);
        Ok(())
    }

    fn delta(&mut self, event: wire::Event<'_>, events: &mut Vec<Event>) -> Result<(), Fault> {
        let open = self.open.as_mut();
        let Some(block) = open.filter(|block| event.index == Some(block.index)) else {
            return garbage("a delta belongs to no open block");
        };
        if let Some(delta) = event.delta {
            block.delta(delta, events);
        }
        Ok(())
    }

    fn end_block(&mut self, event: &wire::Event<'_>, events: &mut Vec<Event>) -> Result<(), Fault> {
        let open = self.open.take();
        let Some(block) = open.filter(|block| event.index == Some(block.index)) else {
            return garbage("a block ends that is not open");
        };
        block.end(events);
        Ok(())
    }

    /// Its usage counts the whole answer so far, also what `message_start` had.
    fn message_delta(&mut self, event: wire::Event<'_>) {
        self.usage
            .overwrite(&event.usage.unwrap_or_default().into());
        let Some(delta) = event.delta else {
            return;
        };
        if let Some(stop) = delta.stop_reason {
            let sequence = delta.stop_sequence.as_ref().map(|text| &*text.0);
            self.stop = Some(stop_reason(&stop.0, sequence, self.calls));
        }
    }

    /// Takes the closing event; whether the answer was whole.
    fn end(&mut self, events: &mut Vec<Event>) -> bool {
        let Some(stop_reason) = self.stop.take() else {
            return false;
        };
        let usage = self.usage;
        events.push(Event::End { stop_reason, usage });
        true
    }
}

fn read(data: &[u8]) -> Result<wire::Event<'_>, Fault> {
    serde_json::from_slice(data).or_else(garbage)
}

fn reported(data: &[u8]) -> Fault {
    let (status, message) = failure::read(data);
    Fault::Reported { status, message }
}

fn garbage<T>(reason: impl ToString) -> Result<T, Fault> {
    Err(Fault::Garbage(reason.to_string()))
}
