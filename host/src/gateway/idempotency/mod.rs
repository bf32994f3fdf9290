//! `Idempotency-Key`: a call that is made again gets its first answer again.
//!
//! A call takes its key in the commit that opens its record, and leaves its
//! answer under it in the commit that closes it as succeeded; on any other way
//! out the key is free. So a killed process leaves no key behind, and no two
//! calls have one at once.

mod cleaner;
mod detached;
mod replay;
mod tee;

use std::time::Duration;

use axum::response::Response;
use http::HeaderMap;
use sha2::{Digest as _, Sha256};

use super::Gateway;
use super::error::{ApiError, unrecorded};
use super::headers::Receipt;
use super::metrics::Metrics;
use crate::record::{Claim, Kept, OpenCall};
use crate::store::idempotency::{Found, find};
use crate::store::{AgentId, Digest, Store, now_us};
pub use cleaner::clean;
pub use detached::to_its_end;
pub use tee::Tee;

/// The header.
const HEADER: &str = "idempotency-key";
/// The longest key, in bytes.
const LONGEST: usize = 255;

/// What is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keeping {
    /// For how long after the call came.
    pub time: Duration,
    /// The longest answer, in bytes: of a longer one the key is free again.
    pub longest: usize,
}

/// The key of a call.
pub struct Keyed<'a> {
    store: &'a Store,
    metrics: &'a Metrics,
    longest: usize,
    claim: Claim,
}

impl<'a> Keyed<'a> {
    /// The key of a request of `agent` to `route`, where it has one and keys
    /// are honoured.
    ///
    /// # Errors
    /// 400 for a key that is none.
    pub fn read(
        gateway: &'a Gateway,
        headers: &HeaderMap,
        agent: AgentId,
        route: &'static str,
        body: &[u8],
    ) -> Result<Option<Self>, ApiError> {
        let Some(keeping) = gateway.idempotency else {
            return Ok(None);
        };
        let Some(key) = key(headers)? else {
            return Ok(None);
        };
        let time = i64::try_from(keeping.time.as_micros()).unwrap_or(i64::MAX);
        Ok(Some(Self {
            store: &gateway.store,
            metrics: &gateway.metrics,
            longest: keeping.longest,
            claim: Claim {
                scope: scope(agent, route, key),
                body: Digest::of(body),
                expires_us: now_us().saturating_add(time),
            },
        }))
    }

    /// What the call takes when its record opens.
    pub fn claim(&self) -> Claim {
        self.claim
    }

    /// The first answer, where there is one.
    ///
    /// # Errors
    /// 409 while the first call runs, 422 where its body was another, 503 where
    /// nobody can tell.
    pub async fn look(&self, receipt: &Receipt) -> Result<Option<Response>, ApiError> {
        let Claim { scope, body, .. } = self.claim;
        let found = find(self.store, scope, body, now_us()).await;
        match found.map_err(unrecorded)? {
            None => Ok(None),
            Some(Found::Running) => Err(ApiError::idempotency_in_flight()),
            Some(Found::Other) => Err(ApiError::idempotency_mismatch()),
            Some(Found::Kept { head, answer }) => {
                let again = replay::replay(&head, answer, receipt).map_err(unrecorded)?;
                self.metrics.replayed.inc();
                Ok(Some(again))
            }
        }
    }

    /// Has a whole answer kept, with the headers that `receipt` makes.
    pub fn keep(&self, open: &mut OpenCall, receipt: &Receipt, body: &bytes::Bytes) {
        if body.len() <= self.longest {
            open.keep(Kept {
                head: replay::head(receipt),
                body: body.clone(),
            });
        }
    }

    /// Collects a streamed answer, with the headers that `receipt` makes.
    pub fn tee(&self, receipt: &Receipt) -> Tee {
        Tee::new(replay::head(receipt), self.longest)
    }
}

/// Whether a request gives a key.
pub fn is_keyed(headers: &HeaderMap) -> bool {
    headers.contains_key(HEADER)
}

/// The key that a request gives.
///
/// # Errors
/// 400 for one that is none.
fn key(headers: &HeaderMap) -> Result<Option<&[u8]>, ApiError> {
    let mut values = headers.get_all(HEADER).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(ApiError::invalid("`Idempotency-Key` is there twice"));
    }
    let key = value.as_bytes();
    let fits = (1..=LONGEST).contains(&key.len()) && key.iter().all(u8::is_ascii_graphic);
    fits.then_some(Some(key)).ok_or_else(|| {
        ApiError::invalid(format!(
            "`Idempotency-Key` must be 1 to {LONGEST} visible ASCII characters"
        ))
    })
}

/// Whose key it is: keys are each agent's and each route's own.
fn scope(agent: AgentId, route: &str, key: &[u8]) -> Digest {
    let mut hash = Sha256::new();
    hash.update(agent.0.0.to_be_bytes());
    hash.update(route);
    // In no route and no key.
    hash.update([0]);
    hash.update(key);
    Digest(hash.finalize().into())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use http::HeaderValue;
    use http::header::HeaderName;

    use super::*;
    use crate::store::Key;

    fn read(values: &[&[u8]]) -> Result<Option<Vec<u8>>, u16> {
        let mut headers = HeaderMap::new();
        for value in values {
            let value = HeaderValue::from_bytes(value).unwrap();
            headers.append(HeaderName::from_static(HEADER), value);
        }
        key(&headers)
            .map(|key| key.map(<[u8]>::to_vec))
            .map_err(|error| error.status())
    }

    #[test]
    fn a_key_is_visible_ascii() {
        let longest = [b'k'; LONGEST];
        for key in [&b"k"[..], b"\"8e03978e-40d5-43e8\"", b"!~", &longest] {
            assert_eq!(read(&[key]), Ok(Some(key.to_vec())));
        }
        assert_eq!(read(&[]), Ok(None));
        let longer = [b'k'; LONGEST + 1];
        for key in [&b""[..], b"a b", b"a\tb", "schlüssel".as_bytes(), &longer] {
            assert_eq!(read(&[key]), Err(400), "{key:?}");
        }
        assert_eq!(read(&[b"k", b"k"]), Err(400));
    }

    #[test]
    fn scopes_of_agents_routes_and_keys_are_apart() {
        let agent = |key| AgentId(Key(key));
        let scopes = [
            scope(agent(1), "/v1/messages", b"k"),
            scope(agent(2), "/v1/messages", b"k"),
            scope(agent(1), "/v1/inferences", b"k"),
            scope(agent(1), "/v1/messages", b"kk"),
            scope(agent(1), "/v1/message", b"sk"),
            scope(agent(1), "/v1/messagesk", b""),
        ];
        for (index, scope) in scopes.iter().enumerate() {
            assert_eq!(scopes.iter().position(|other| other == scope), Some(index));
        }
    }
}
