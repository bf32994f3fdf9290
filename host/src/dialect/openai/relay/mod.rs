//! A Chat Completions stream on its way to an Anthropic client.

#[cfg(test)]
mod tests;

use bytes::Bytes;

use super::stream::{Decoder, Fault};
use crate::dialect::anthropic::encode::EventEncoder;
use crate::dialect::anthropic::relay::failure;
use crate::dialect::common::{Capture, Event};
use crate::dialect::relay::{Progress, Relay, Step, StreamFailure};
use crate::dialect::sse::{Frame, Frames, Splitter};

/// Relays a Chat Completions stream as Anthropic events, which name
/// `model_shown` and `message_id`.
pub fn to_anthropic(model_shown: String, message_id: String) -> impl Relay {
    ToAnthropic {
        splitter: Splitter::default(),
        writer: Writer {
            decoder: Decoder::default(),
            encoder: EventEncoder::new(message_id, model_shown),
            capture: Capture::default(),
            flowing: false,
        },
        over: None,
    }
}

struct ToAnthropic {
    splitter: Splitter,
    writer: Writer,
    /// How it ended.
    over: Option<Progress>,
}

struct Writer {
    decoder: Decoder,
    encoder: EventEncoder,
    capture: Capture,
    flowing: bool,
}

impl Relay for ToAnthropic {
    fn feed(&mut self, chunk: Bytes) -> Step {
        if let Some(over) = &self.over {
            return Step::nothing(over.clone());
        }
        let step = self.writer.write(&self.splitter.feed(chunk), false);
        self.over = step.progress.after();
        step
    }

    fn eof(&mut self) -> Step {
        if let Some(over) = &self.over {
            return Step::nothing(over.clone());
        }
        let step = self.writer.write(&self.splitter.eof(), true);
        self.over = step.progress.after();
        step
    }

    fn capture(&self) -> &Capture {
        &self.writer.capture
    }
}

impl Writer {
    fn write(&mut self, frames: &Frames<'_>, eof: bool) -> Step {
        let mut out = Vec::new();
        let end = self.translate(frames, eof, &mut out);
        let progress = match end {
            Some(progress) => progress,
            None if self.flowing => Progress::Flowing,
            None => Progress::Waiting,
        };
        let forward = out.into();
        Step { forward, progress }
    }

    /// Writes what `frames` say; how the stream ended, if it did.
    fn translate(&mut self, frames: &Frames<'_>, eof: bool, out: &mut Vec<u8>) -> Option<Progress> {
        let mut events = Vec::new();
        for frame in frames.iter() {
            let Some(data) = Frame::parse(frame.text).data else {
                continue;
            };
            if data.trim_ascii() == b"[DONE]" {
                let whole = self.decoder.done(&mut events);
                self.put(&mut events, out);
                return Some(end(whole));
            }
            let read = self.decoder.chunk(&data, &mut events);
            self.put(&mut events, out);
            if let Err(fault) = read {
                return Some(Progress::Failed(fault.into()));
            }
        }
        if frames.broken {
            let failure = failure::garbage("it sent an event that has no end");
            return Some(Progress::Failed(failure));
        }
        eof.then(|| {
            let whole = self.decoder.closed(&mut events);
            self.put(&mut events, out);
            end(whole)
        })
    }

    fn put(&mut self, events: &mut Vec<Event>, out: &mut Vec<u8>) {
        for event in events.drain(..) {
            self.flowing = true;
            self.capture.observe(&event);
            self.encoder.encode(&event, out);
        }
    }
}

fn end(whole: bool) -> Progress {
    if whole {
        let last = EventEncoder::stop();
        Progress::Ended { last }
    } else {
        Progress::Failed(failure::died())
    }
}

impl From<Fault> for StreamFailure {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Reported { status, message } => failure::reported(status, message),
            Fault::Garbage(reason) => failure::garbage(&reason),
        }
    }
}
