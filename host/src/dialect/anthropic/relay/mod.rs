//! A Messages stream on its way to a client of the same dialect.

pub(in crate::dialect) mod failure;
#[cfg(test)]
mod tests;
mod wire;

use std::borrow::Cow;

use bytes::{Bytes, BytesMut};

use crate::dialect::common::Capture;
use crate::dialect::relay::{Progress, Relay, Step, StreamFailure};
use crate::dialect::sse::{Frame, Frames, Splitter};

/// Relays a Messages stream byte for byte, up to its end. Reads beside it the
/// few events that the record needs; all others are not even parsed.
pub fn passthrough() -> impl Relay {
    Passthrough::default()
}

#[derive(Debug, Default)]
struct Passthrough {
    splitter: Splitter,
    reader: Reader,
    /// What came before the first real event.
    held: BytesMut,
    /// How it ended.
    over: Option<Progress>,
}

/// What has been read of the stream.
#[derive(Debug, Default)]
struct Reader {
    capture: Capture,
    started: bool,
    flowing: bool,
}

impl Relay for Passthrough {
    fn feed(&mut self, chunk: Bytes) -> Step {
        if let Some(over) = &self.over {
            return Step::nothing(over.clone());
        }
        let frames = self.splitter.feed(chunk);
        let step = self.reader.read(&frames);
        self.finish(step)
    }

    fn eof(&mut self) -> Step {
        if let Some(over) = &self.over {
            return Step::nothing(over.clone());
        }
        let frames = self.splitter.eof();
        let mut step = self.reader.read(&frames);
        if matches!(step.progress, Progress::Waiting | Progress::Flowing) {
            step.progress = Progress::Failed(failure::died());
        }
        self.finish(step)
    }

    fn capture(&self) -> &Capture {
        &self.reader.capture
    }
}

impl Passthrough {
    /// Holds back what may not be forwarded yet, and remembers an end.
    fn finish(&mut self, mut step: Step) -> Step {
        if !self.reader.flowing {
            self.held.extend_from_slice(&step.forward);
            step.forward = Bytes::new();
        } else if !self.held.is_empty() {
            let mut all = std::mem::take(&mut self.held);
            all.extend_from_slice(&step.forward);
            step.forward = all.freeze();
        }
        self.over = step.progress.after();
        step
    }
}

/// What a frame means for the stream.
enum Meaning {
    /// Not an event of the answer: pings, comments, what has no type.
    Aside,
    /// An event of the answer.
    Real,
    /// The closing event.
    Stop,
    Failure(StreamFailure),
}

impl Reader {
    fn read(&mut self, frames: &Frames<'_>) -> Step {
        let mut forwarded = 0;
        for frame in frames.iter() {
            let end = match self.meaning(frame.text) {
                Meaning::Aside => None,
                Meaning::Real => {
                    self.flowing = true;
                    None
                }
                Meaning::Stop => {
                    let last = frames.slice(frame.start, frame.end);
                    Some(Progress::Ended { last })
                }
                Meaning::Failure(failure) => Some(Progress::Failed(failure)),
            };
            if let Some(progress) = end {
                let forward = frames.slice(0, frame.start);
                return Step { forward, progress };
            }
            forwarded = frame.end;
        }
        let progress = if frames.broken {
            Progress::Failed(failure::garbage("it sent an event that has no end"))
        } else if self.flowing {
            Progress::Flowing
        } else {
            Progress::Waiting
        };
        let forward = frames.slice(0, forwarded);
        Step { forward, progress }
    }

    fn meaning(&mut self, text: &[u8]) -> Meaning {
        let frame = Frame::parse(text);
        let Some(data) = frame.data else {
            return Meaning::Aside;
        };
        let name = match frame.event {
            Some(name) => Cow::Borrowed(name),
            None => wire::type_of(&data),
        };
        let read = match name.as_ref() {
            b"" | b"ping" => return Meaning::Aside,
            b"error" => return Meaning::Failure(failure::from_event(text, &data)),
            b"message_stop" if self.started => return Meaning::Stop,
            b"message_stop" => {
                return Meaning::Failure(failure::garbage("it ended before it began"));
            }
            b"message_start" => {
                self.started = true;
                wire::message_start(&data, &mut self.capture)
            }
            b"content_block_start" => wire::block_start(&data, &mut self.capture),
            b"message_delta" => wire::message_delta(&data, &mut self.capture),
            _ => Ok(()),
        };
        match read {
            Ok(()) => Meaning::Real,
            Err(error) => Meaning::Failure(failure::garbage(&error.to_string())),
        }
    }
}
