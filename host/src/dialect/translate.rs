//! One provider stream on its way into the form between dialects.

use bytes::Bytes;

use super::common::{Capture, Event};
use super::relay::{Forward, Progress, Relay, Step, StreamFailure};
use super::sse::{Frame, Frames, Splitter};

/// Reads the frames of one protocol.
pub(super) trait Decoder: Send {
    /// Takes the next frame and adds what it says to `events`.
    fn frame(&mut self, frame: &Frame<'_>, events: &mut Vec<Event>) -> Result<Read, Fault>;

    /// Takes a close without the protocol's closing frame; whether the answer
    /// was whole all the same.
    fn closed(&mut self, events: &mut Vec<Event>) -> bool;
}

/// Where a stream stands after a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Read {
    /// More is to come.
    More,
    /// It was the closing frame.
    Ended {
        /// Whether everything that belongs to an answer was there.
        whole: bool,
    },
}

/// Why a stream can't go on.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The provider said so.
    Reported {
        /// The HTTP status that stands for its error.
        status: u16,
        /// Its words.
        message: String,
    },
    /// The provider broke its protocol.
    Garbage(String),
}

/// Translates one stream.
pub(super) struct Translator<D> {
    splitter: Splitter,
    reader: Reader<D>,
    /// How it ended.
    over: Option<Progress>,
}

struct Reader<D> {
    decoder: D,
    capture: Capture,
    flowing: bool,
}

impl<D: Decoder> Translator<D> {
    /// A relay that reads by `decoder`.
    pub(super) fn new(decoder: D) -> Self {
        Self {
            splitter: Splitter::default(),
            reader: Reader {
                decoder,
                capture: Capture::default(),
                flowing: false,
            },
            over: None,
        }
    }
}

impl<D: Decoder> Relay for Translator<D> {
    fn feed(&mut self, chunk: Bytes) -> Step {
        if let Some(over) = &self.over {
            return Step::nothing(over.clone());
        }
        let step = self.reader.step(&self.splitter.feed(chunk), false);
        self.over = step.progress.after();
        step
    }

    fn eof(&mut self) -> Step {
        if let Some(over) = &self.over {
            return Step::nothing(over.clone());
        }
        let step = self.reader.step(&self.splitter.eof(), true);
        self.over = step.progress.after();
        step
    }

    fn capture(&self) -> &Capture {
        &self.reader.capture
    }
}

impl<D: Decoder> Reader<D> {
    fn step(&mut self, frames: &Frames<'_>, eof: bool) -> Step {
        let mut events = Vec::new();
        let end = self.read(frames, eof, &mut events);
        for event in &events {
            self.flowing = true;
            self.capture.observe(event);
        }
        let progress = match end {
            Some(progress) => progress,
            None if self.flowing => Progress::Flowing,
            None => Progress::Waiting,
        };
        let forward = Forward::Events(events);
        Step { forward, progress }
    }

    /// Reads what `frames` say; how the stream ended, if it did.
    fn read(
        &mut self,
        frames: &Frames<'_>,
        eof: bool,
        events: &mut Vec<Event>,
    ) -> Option<Progress> {
        for frame in frames.iter() {
            match self.decoder.frame(&Frame::parse(frame.text), events) {
                Ok(Read::More) => {}
                Ok(Read::Ended { whole }) => return Some(end(whole)),
                Err(fault) => return Some(Progress::Failed(fault.into())),
            }
        }
        if frames.broken {
            let failure = StreamFailure::garbage("it sent an event that has no end");
            return Some(Progress::Failed(failure));
        }
        eof.then(|| end(self.decoder.closed(events)))
    }
}

fn end(whole: bool) -> Progress {
    if whole {
        Progress::Ended { last: Bytes::new() }
    } else {
        Progress::Failed(StreamFailure::died())
    }
}

impl From<Fault> for StreamFailure {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Reported { status, message } => Self::reported(status, message),
            Fault::Garbage(reason) => Self::garbage(&reason),
        }
    }
}
