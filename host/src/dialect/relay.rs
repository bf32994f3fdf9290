//! One provider stream on its way to the client, in the client's dialect.

use bytes::Bytes;

use super::common::Capture;

/// Turns the provider's bytes into the client's, chunk by chunk. Made for one
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
    /// Whole frames for the client, in order, to be sent before anything in
    /// `progress`. Empty until the stream flows: pings that come earlier are
    /// kept and lead the first forwarded bytes.
    pub forward: Bytes,
    /// Where the stream stands.
    pub progress: Progress,
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
        /// The closing event, held back until the call is recorded. Empty on
        /// calls after the one that ended.
        last: Bytes,
    },
    /// The provider sent an error or broke off. Before the stream flowed the
    /// caller may fall back, afterwards it sends [`StreamFailure::event`] and
    /// ends.
    Failed(StreamFailure),
}

impl Step {
    /// Nothing to forward.
    pub(super) fn nothing(progress: Progress) -> Self {
        let forward = Bytes::new();
        Self { forward, progress }
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

/// How a stream failed, ready for both ways of telling the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamFailure {
    /// Whose fault it was.
    pub kind: FailureKind,
    /// The HTTP status that stands for the failure; 502 unless the provider
    /// named another.
    pub status: u16,
    /// What happened, in words; the provider's own where it gave some.
    pub message: String,
    /// The failure as an HTTP error body of the client's dialect.
    pub body: Bytes,
    /// The failure as an event of the client's dialect. The provider's own
    /// bytes where both speak the same.
    pub event: Bytes,
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
