//! Checkpoints: where the chains ended at a time, signed. Each names the one
//! before, so that none can be taken out.

use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};

use crate::lifecycle::dsse::{Envelope, EnvelopeError};
use crate::lifecycle::keys::FounderKey;
use crate::store::Digest;

/// What the envelope says that its payload is.
const TYPE: &str = "application/vnd.ainfera.audit-checkpoint.v1+json";

/// What is signed, as canonical JSON (RFC 8785).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// Microseconds since the Unix epoch.
    pub at: i64,
    /// The ends of the control chain and of the latest writer's.
    pub heads: Vec<ChainHead>,
    /// 1 for the first; without a gap.
    pub number: i64,
    /// SHA-256 of the payload of the checkpoint before.
    pub previous: Option<Digest>,
}

/// The end of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChainHead {
    /// The chain.
    pub chain: i64,
    /// The link of its last event.
    pub link: Digest,
    /// The place of that; 0 before the first.
    pub seq: i64,
}

/// Why an envelope is no checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotOne {
    /// No signature of a key that is trusted.
    #[error(
        "it is signed by key {0}, which is not the host's; if that was its key once, name the public key with --key"
    )]
    OtherKey(String),
    /// The signature is another payload's.
    #[error("its signature does not verify: it was changed")]
    Forged,
    /// Something else altogether.
    #[error("it is no signed checkpoint: {0}")]
    Form(String),
}

impl Checkpoint {
    /// The envelope as JSON.
    ///
    /// # Errors
    /// Never: what it holds can be written.
    pub fn sign(&self, key: &SigningKey) -> Result<String, serde_json::Error> {
        let payload = serde_json_canonicalizer::to_string(self)?;
        serde_json::to_string(&Envelope::sign(key, TYPE, payload.as_bytes()))
    }

    /// Opens an envelope that one of `keys` signed: what it says, and the
    /// digest of its payload.
    ///
    /// # Errors
    /// If it is none.
    pub fn open(envelope: &str, keys: &[FounderKey]) -> Result<(Self, Digest), NotOne> {
        let form = |error: serde_json::Error| NotOne::Form(error.to_string());
        let envelope: Envelope = serde_json::from_str(envelope).map_err(form)?;
        let (_, payload) = envelope.open(keys).map_err(|error| match error {
            EnvelopeError::Forged => NotOne::Forged,
            EnvelopeError::UnknownKey(id) => NotOne::OtherKey(id),
            other => NotOne::Form(other.to_string()),
        })?;
        if envelope.payload_type != TYPE {
            return Err(NotOne::Form(format!("its type is not {TYPE}")));
        }
        let checkpoint = serde_json::from_slice(&payload).map_err(form)?;
        Ok((checkpoint, Digest::of(&payload)))
    }

    /// The digest of its payload, without a look at who signed it.
    #[must_use]
    pub fn unchecked(envelope: &str) -> Option<(Self, Digest)> {
        let envelope: Envelope = serde_json::from_str(envelope).ok()?;
        let payload = envelope.payload().ok()?;
        let checkpoint = serde_json::from_slice(&payload).ok()?;
        Some((checkpoint, Digest::of(&payload)))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::audit::key::public;

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_bytes(&[seed; 32])
    }

    #[test]
    fn what_is_signed_can_be_opened_by_that_key_alone() {
        let checkpoint = Checkpoint {
            at: 1,
            heads: vec![ChainHead {
                chain: 0,
                link: Digest::of(b"x"),
                seq: 3,
            }],
            number: 1,
            previous: None,
        };
        let envelope = checkpoint.sign(&key(1)).unwrap();
        let (opened, digest) = Checkpoint::open(&envelope, &[public(&key(1))]).unwrap();
        assert_eq!(opened, checkpoint);
        assert_eq!(Checkpoint::unchecked(&envelope), Some((opened, digest)));
        let other = Checkpoint::open(&envelope, &[public(&key(2))]);
        assert!(matches!(other, Err(NotOne::OtherKey(_))), "{other:?}");
        let mut changed: Envelope = serde_json::from_str(&envelope).unwrap();
        changed.payload_type.push('x');
        let changed = serde_json::to_string(&changed).unwrap();
        let error = Checkpoint::open(&changed, &[public(&key(1))]).unwrap_err();
        assert_eq!(error, NotOne::Forged);
    }
}
