//! DSSE v1 envelopes (<https://github.com/secure-systems-lab/dsse>): a payload
//! and Ed25519 signatures over its type and bytes.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use ed25519_dalek::{Signature as Ed25519, Signer as _, SigningKey};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::keys::{self, FounderKey};

/// An envelope, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Envelope {
    /// What the payload is.
    #[schema(examples("application/vnd.ainfera.policy-change.v1+json"))]
    pub payload_type: String,
    /// Base64.
    pub payload: String,
    /// At least one.
    pub signatures: Vec<Signature>,
}

/// One signature of an envelope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// The id of the key; a hint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keyid: Option<String>,
    /// Base64 of 64 bytes.
    pub sig: String,
}

/// Why an envelope proves nothing.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum EnvelopeError {
    /// Base64 that is none.
    #[error(
        "the envelope's {0} is not base64; sign with `ainfera plugin authorize` or `ainfera founder`"
    )]
    Base64(&'static str),
    /// Nobody could have signed.
    #[error(
        "no founder key is enrolled; enrol one with `ainfera founder enrol --key founder.pem.pub`"
    )]
    NoFounder,
    /// No signature at all.
    #[error(
        "the envelope has no signature; sign with `ainfera plugin authorize` or `ainfera founder`"
    )]
    Unsigned,
    /// Only keys that are not enrolled.
    #[error(
        "the envelope is signed by key {0}, which is not enrolled; sign with an enrolled founder key (`GET /admin/v1/founders` lists them)"
    )]
    UnknownKey(String),
    /// The key was revoked.
    #[error(
        "the envelope is signed by founder key {0}, which is revoked; sign with another founder key"
    )]
    Revoked(String),
    /// The signature is not that of the payload.
    #[error(
        "the signature does not verify: payload, type or signature were changed, or another key signed; sign it again, with the command that made it"
    )]
    Forged,
}

impl Envelope {
    /// Signs `payload`.
    #[must_use]
    pub fn sign(key: &SigningKey, payload_type: &str, payload: &[u8]) -> Self {
        let signature = key.sign(&pre_authentication(payload_type, payload));
        let keyid = Some(keys::id(&key.verifying_key()));
        Self {
            payload_type: payload_type.to_owned(),
            payload: STANDARD.encode(payload),
            signatures: vec![Signature {
                keyid,
                sig: STANDARD.encode(signature.to_bytes()),
            }],
        }
    }

    /// The payload, whoever signed it.
    ///
    /// # Errors
    /// If it is not base64.
    pub fn payload(&self) -> Result<Vec<u8>, EnvelopeError> {
        decode(&self.payload, "payload")
    }

    /// Opens the envelope if `founders` signed it: the ids of their keys, and the
    /// payload. Other signatures beside theirs count for nothing.
    ///
    /// # Errors
    /// If none did.
    pub fn open(
        &self,
        founders: &[FounderKey],
    ) -> Result<(BTreeSet<String>, Vec<u8>), EnvelopeError> {
        if founders.is_empty() {
            return Err(EnvelopeError::NoFounder);
        }
        let payload = self.payload()?;
        let signed = pre_authentication(&self.payload_type, &payload);
        let mut why = EnvelopeError::Unsigned;
        let mut signers = BTreeSet::new();
        for signature in &self.signatures {
            match signature.by(&signed, founders) {
                Ok(key) => _ = signers.insert(key),
                Err(error) => why = error,
            }
        }
        if signers.is_empty() {
            return Err(why);
        }
        Ok((signers, payload))
    }
}

impl Signature {
    /// The id of the key that made it.
    fn by(&self, signed: &[u8], founders: &[FounderKey]) -> Result<String, EnvelopeError> {
        let bytes = decode(&self.sig, "signature")?;
        let signature = Ed25519::from_slice(&bytes).map_err(|_| EnvelopeError::Forged)?;
        let named = |founder: &&FounderKey| self.keyid.as_ref().is_none_or(|id| *id == founder.id);
        let mut why = EnvelopeError::UnknownKey(
            self.keyid
                .as_deref()
                .unwrap_or("")
                .chars()
                .take(80)
                .collect(),
        );
        for founder in founders.iter().filter(named) {
            why = match founder.key.verify_strict(signed, &signature) {
                Ok(()) if founder.revoked => EnvelopeError::Revoked(founder.id.clone()),
                Ok(()) => return Ok(founder.id.clone()),
                Err(_) => EnvelopeError::Forged,
            };
        }
        Err(why)
    }
}

/// Either alphabet, as the specification asks.
fn decode(text: &str, what: &'static str) -> Result<Vec<u8>, EnvelopeError> {
    STANDARD
        .decode(text)
        .or_else(|_| URL_SAFE.decode(text))
        .map_err(|_| EnvelopeError::Base64(what))
}

/// What is signed: DSSE's pre-authentication encoding.
fn pre_authentication(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let mut encoded = format!(
        "DSSEv1 {} {payload_type} {} ",
        payload_type.len(),
        payload.len()
    )
    .into_bytes();
    encoded.extend_from_slice(payload);
    encoded
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    fn founder(seed: u8) -> (SigningKey, FounderKey) {
        let key = SigningKey::from_bytes(&[seed; 32]);
        let public = key.verifying_key();
        (
            key,
            FounderKey {
                id: keys::id(&public),
                key: public,
                revoked: false,
            },
        )
    }

    #[test]
    fn the_encoding_is_the_specifications() {
        assert_eq!(
            pre_authentication("http://example.com/HelloWorld", b"hello world"),
            b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
        );
    }

    #[test]
    fn what_a_founder_signed_opens() {
        let ((key, founder), (_, other)) = (founder(1), founder(2));
        let mut envelope = Envelope::sign(&key, "t", b"p");
        let opened = Ok((BTreeSet::from([founder.id.clone()]), b"p".to_vec()));
        assert_eq!(envelope.open(&[other.clone(), founder.clone()]), opened);
        envelope.signatures[0].keyid = None;
        assert_eq!(envelope.open(&[other, founder]), opened);
    }

    #[test]
    fn each_founder_counts_once_and_strangers_not() {
        let ((one, first), (two, second), (stranger, _)) = (founder(1), founder(2), founder(3));
        let mut envelope = Envelope::sign(&one, "t", b"p");
        for key in [&stranger, &two, &one] {
            let more = Envelope::sign(key, "t", b"p").signatures;
            envelope.signatures.extend(more);
        }
        let founders = [first.clone(), second.clone()];
        let (signers, _) = envelope.open(&founders).unwrap();
        assert_eq!(signers, BTreeSet::from([first.id, second.id]));
    }

    #[test]
    fn everything_else_does_not() {
        let ((key, founder), (other_key, other)) = (founder(1), founder(2));
        let good = Envelope::sign(&key, "t", b"p");
        let open = |envelope: &Envelope| envelope.open(std::slice::from_ref(&founder)).unwrap_err();
        let with = |change: fn(&mut Envelope)| {
            let mut envelope = good.clone();
            change(&mut envelope);
            envelope
        };
        assert_eq!(
            open(&with(|e| e.payload = STANDARD.encode("q"))),
            EnvelopeError::Forged
        );
        assert_eq!(
            open(&with(|e| e.payload_type = "u".into())),
            EnvelopeError::Forged
        );
        assert_eq!(
            open(&with(|e| e.payload = "§".into())),
            EnvelopeError::Base64("payload")
        );
        assert_eq!(
            open(&with(|e| e.signatures[0].sig = STANDARD.encode("short"))),
            EnvelopeError::Forged
        );
        assert_eq!(
            open(&with(|e| e.signatures.clear())),
            EnvelopeError::Unsigned
        );
        assert_eq!(
            open(&Envelope::sign(&other_key, "t", b"p")),
            EnvelopeError::UnknownKey(other.id.clone())
        );
        assert_eq!(good.open(&[]), Err(EnvelopeError::NoFounder));
        let revoked = FounderKey {
            revoked: true,
            ..founder.clone()
        };
        assert_eq!(
            good.open(&[revoked]),
            Err(EnvelopeError::Revoked(founder.id.clone()))
        );
        // Another key that claims to be the founder's.
        let mut claimed = Envelope::sign(&other_key, "t", b"p");
        claimed.signatures[0].keyid = Some(founder.id.clone());
        assert_eq!(open(&claimed), EnvelopeError::Forged);
    }
}
