//! Idempotency keys: taken when a call opens, and given an answer, or back,
//! when it closes.

use bytes::Bytes;

use crate::store::Digest;

/// An idempotency key that a call takes, so that no other with the same key
/// runs beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// SHA-256 of the agent, the route, and the key.
    pub scope: Digest,
    /// SHA-256 of the request's body.
    pub body: Digest,
    /// From when on the key is free again; microseconds since the Unix epoch.
    pub expires_us: i64,
}

/// A successful answer, as the next call with the key gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// JSON: what the answer is and its headers.
    pub head: String,
    /// Its bytes.
    pub body: Bytes,
}
