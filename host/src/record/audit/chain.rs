//! The arithmetic of the hash chain.

use sha2::{Digest as _, Sha256};

use crate::store::Digest;
use crate::store::audit::AuditRow;

/// The link after `previous` of an event with this digest:
/// SHA-256(previous ‖ digest), so that a reader who is not shown an event's
/// body can still verify the chain by its digest.
#[must_use]
pub fn link(previous: Digest, digest: Digest) -> Digest {
    let mut hash = Sha256::new();
    hash.update(previous.0);
    hash.update(digest.0);
    Digest(hash.finalize().into())
}

/// The end of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The place of the last event; 0 before the first.
    pub seq: i64,
    /// Its link; before the first, the link that the chain continues from.
    pub link: Digest,
}

impl Head {
    /// The head after one more event.
    #[must_use]
    pub fn after(self, digest: Digest) -> Self {
        Self {
            seq: self.seq + 1,
            link: link(self.link, digest),
        }
    }
}

/// Where a chain is broken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("audit chain {chain} is broken at event {seq}: {fault}")]
pub struct BrokenLink {
    /// The chain.
    pub chain: i64,
    /// The place of the first event that does not verify.
    pub seq: i64,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What is wrong with an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// An event before it is missing, or it stands twice.
    #[error("it does not follow the event before it")]
    Place,
    /// The body or the link was changed.
    #[error("its link is not that of the chain so far and its body")]
    Link,
}

/// Verifies that these events of one chain, in their order, continue from
/// `head`, and answers the head after them.
pub fn verify<'a>(
    head: Head,
    events: impl IntoIterator<Item = &'a AuditRow>,
) -> Result<Head, BrokenLink> {
    events.into_iter().try_fold(head, |head, event| {
        let next = head.after(Digest::of(event.body.as_bytes()));
        let fault = if event.seq != next.seq {
            Fault::Place
        } else if next.link != event.link {
            Fault::Link
        } else {
            return Ok(next);
        };
        Err(BrokenLink {
            chain: event.chain,
            seq: event.seq,
            fault,
        })
    })
}
