//! One provider stream on its way to the client.

use bytes::Bytes;

use super::common::{Capture, Event};

/// Turns the provider's bytes, chunk by chunk, into frames that the client can
/// have as they are, or into events to be written in its dialect. Made for one
/// stream; after an end or a failure it ignores what it is fed.
pub trait Relay: Send {
    /// Takes the provider's next bytes, cut anywhere.
    fn feed(&mut self, chunk: Bytes) -> Step;

    /// Takes the provider's close. An answer that is not whole by then has
    /// died: [`Progress::Failed`].
    fn eof(&mut self) -> Step;

    /// What has been read of the answer so far.
    fn capture(&self) -> &Capture;
}

/// What one call of a relay gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What the client gets, to be sent before anything in `progress`. Empty
    /// until the stream flows: pings that come earlier are kept and lead the
    /// first forwarded bytes.
    pub forward: Forward,
    /// Where the stream stands.
    pub progress: Progress,
}

/// What goes on to the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Forward {
    /// Whole frames of the client's own dialect, in order.
    Frames(Bytes),
    /// Events to be written in the client's dialect.
    Events(Vec<Event>),
}

/// Where a stream stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// Nothing decisive yet: pings, comments, part of a frame.
    Waiting,
    /// The answer has begun; no fallback from here on.
    Flowing,
    /// The answer is whole.
    Ended {
        /// The provider's closing frame, held back until the call is recorded.
        /// Empty where the stream is translated, and on calls after the one
        /// that ended.
        last: Bytes,
    },
    /// The provider sent an error or broke off. Before the stream flowed the
    /// caller may fall back, afterwards the client is told and the answer ends.
    Failed(StreamFailure),
}

impl Step {
    /// Nothing to forward.
    pub(super) fn nothing(progress: Progress) -> Self {
        let forward = Forward::Frames(Bytes::new());
        Self { forward, progress }
    }
}

impl Forward {
    /// Whether nothing goes on.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Frames(frames) => frames.is_empty(),
            Self::Events(events) => events.is_empty(),
        }
    }
}

impl Progress {
    /// What later calls are answered with if this is an end.
    pub(super) fn after(&self) -> Option<Self> {
        match self {
            Self::Waiting | Self::Flowing => None,
            Self::Ended { .. } => Some(Self::Ended { last: Bytes::new() }),
            Self::Failed(_) => Some(self.clone()),
        }
    }
}

/// How a stream failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamFailure {
    /// Whose fault it was.
    pub kind: FailureKind,
    /// The HTTP status that stands for the failure; 502 unless the provider
    /// named another.
    pub status: u16,
    /// What happened, in words; the provider's own where it gave some.
    pub message: String,
    /// The provider's own bytes, where it reported the failure in the client's
    /// dialect.
    pub own: Option<Own>,
}

/// An error as the provider reported it, for a client of the same dialect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    /// As an HTTP error body.
    pub body: Bytes,
    /// As the event that it came in.
    pub event: Bytes,
}

impl StreamFailure {
    /// The provider closed before its answer was whole.
    pub(super) fn died() -> Self {
        let message = "the provider closed the stream before its answer was whole";
        Self::upstream(FailureKind::Died, message.to_owned())
    }

    /// The provider broke its protocol.
    pub(super) fn garbage(reason: &str) -> Self {
        let message = format!("the provider's stream can't be read: {reason}");
        Self::upstream(FailureKind::Garbage, message)
    }

    /// The provider reported an error that stands for the HTTP `status`.
    pub(super) fn reported(status: u16, message: String) -> Self {
        Self {
            kind: FailureKind::ProviderError,
            status,
            message,
            own: None,
        }
    }

    fn upstream(kind: FailureKind, message: String) -> Self {
        Self {
            kind,
            status: 502,
            message,
            own: None,
        }
    }
}

/// The ways a stream fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// The provider sent an error.
    ProviderError,
    /// The provider closed before its answer was whole.
    Died,
    /// The provider sent what its protocol does not allow.
    Garbage,
}
