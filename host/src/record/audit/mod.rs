//! The audit: append-only events in hash chains over canonical JSON.
//!
//! A body is `{"agent", "at", "data", "event", "tenant"}`: whose it is, when it
//! happened (microseconds since the Unix epoch), what it is about, and its name.
//! What does not apply is left out. No secret and no text of a prompt goes in.

pub(super) mod call;
mod canonical;
mod chain;
mod control;
mod event;

pub use canonical::ObjectWriter;
pub use chain::{BrokenLink, Fault, Head, link, verify};
pub use control::{AppendError, Event, append};
pub use event::{EventName, UnknownEvent};

use crate::store::Digest;

/// An event that is ready to be put at the end of a chain.
#[derive(Clone, Debug)]
pub(super) struct Prepared {
    pub(super) body: String,
    pub(super) digest: Digest,
}

impl Prepared {
    pub(super) fn new(body: String) -> Self {
        let digest = Digest::of(body.as_bytes());
        Self { body, digest }
    }
}
