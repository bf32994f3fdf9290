//! One provider stream on its way to a client of the same dialect.

use bytes::{Bytes, BytesMut};

use super::common::Capture;
use super::relay::{Forward, Progress, Relay, Step, StreamFailure};
use super::sse::{Frames, Splitter};

/// Reads the frames of one dialect, as far as the record needs them.
pub(super) trait Reader: Send {
    /// What the next frame, `text`, means.
    fn read(&mut self, text: &[u8]) -> Meaning;

    /// Takes a close without the dialect's closing frame: that frame, if the
    /// answer was whole all the same.
    fn closed(&mut self) -> Option<Bytes>;

    /// What has been read so far.
    fn capture(&self) -> &Capture;
}

/// What a frame means for the stream.
#[derive(Debug)]
pub(super) enum Meaning {
    /// Not an event of the answer: pings, comments, what has no meaning.
    Aside,
    /// An event of the answer.
    Real,
    /// What the client is not to see.
    Hidden,
    /// The closing event.
    Stop,
    /// The provider failed.
    Failure(StreamFailure),
}

/// Relays a stream byte for byte, up to its end.
pub(super) struct Passthrough<R> {
    splitter: Splitter,
    reading: Reading<R>,
    /// What came before the first event of the answer.
    held: BytesMut,
    /// How it ended.
    over: Option<Progress>,
}

struct Reading<R> {
    reader: R,
    flowing: bool,
}

impl<R: Reader> Passthrough<R> {
    /// A relay that reads by `reader`.
    pub(super) fn new(reader: R) -> Self {
        Self {
            splitter: Splitter::default(),
            reading: Reading {
                reader,
                flowing: false,
            },
            held: BytesMut::new(),
            over: None,
        }
    }

    /// Holds back what may not be forwarded yet, and remembers an end.
    fn finish(&mut self, mut forward: Bytes, progress: Progress) -> Step {
        if !self.reading.flowing {
            self.held.extend_from_slice(&forward);
            forward = Bytes::new();
        } else if !self.held.is_empty() {
            let mut all = std::mem::take(&mut self.held);
            all.extend_from_slice(&forward);
            forward = all.freeze();
        }
        self.over = progress.after();
        let forward = Forward::Frames(forward);
        Step { forward, progress }
    }
}

impl<R: Reader> Relay for Passthrough<R> {
    fn feed(&mut self, chunk: Bytes) -> Step {
        if let Some(over) = &self.over {
            return Step::nothing(over.clone());
        }
        let (forward, end) = self.reading.read(&self.splitter.feed(chunk));
        let progress = end.unwrap_or(if self.reading.flowing {
            Progress::Flowing
        } else {
            Progress::Waiting
        });
        self.finish(forward, progress)
    }

    fn eof(&mut self) -> Step {
        if let Some(over) = &self.over {
            return Step::nothing(over.clone());
        }
        let (forward, end) = self.reading.read(&self.splitter.eof());
        let progress = end.unwrap_or_else(|| match self.reading.reader.closed() {
            Some(last) => Progress::Ended { last },
            None => Progress::Failed(StreamFailure::died()),
        });
        self.finish(forward, progress)
    }

    fn capture(&self) -> &Capture {
        self.reading.reader.capture()
    }
}

impl<R: Reader> Reading<R> {
    /// What of `frames` goes on, and how the stream ended, if it did.
    fn read(&mut self, frames: &Frames<'_>) -> (Bytes, Option<Progress>) {
        let mut before_hidden = BytesMut::new();
        let (mut start, mut end) = (0, 0);
        let mut over = None;
        for frame in frames.iter() {
            match self.reader.read(frame.text) {
                Meaning::Aside => {}
                Meaning::Real => self.flowing = true,
                Meaning::Hidden => {
                    before_hidden.extend_from_slice(&frames.slice(start, end));
                    start = frame.end;
                }
                Meaning::Stop => {
                    let last = frames.slice(frame.start, frame.end);
                    over = Some(Progress::Ended { last });
                }
                Meaning::Failure(failure) => over = Some(Progress::Failed(failure)),
            }
            if over.is_some() {
                break;
            }
            end = frame.end;
        }
        if over.is_none() && frames.broken {
            let failure = StreamFailure::garbage("it sent an event that has no end");
            over = Some(Progress::Failed(failure));
        }
        let rest = frames.slice(start, end);
        if before_hidden.is_empty() {
            return (rest, over);
        }
        before_hidden.extend_from_slice(&rest);
        (before_hidden.freeze(), over)
    }
}
