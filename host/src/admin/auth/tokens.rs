//! The tokens that open the admin API, in memory.

use std::collections::HashMap;

use arc_swap::ArcSwap;
use http::{HeaderMap, header};
use tokio::sync::Mutex;

use super::Caller;
use crate::store::{Digest, Store, StoreError, tokens};

/// Every holder of a token, by its SHA-256. Read without a lock.
pub struct Tokens {
    /// That of the first start, or of the operator's variable.
    first: Digest,
    by_hash: ArcSwap<HashMap<Digest, Caller>>,
    /// Held while they are read anew: what is older never replaces what is newer.
    turn: Mutex<()>,
}

impl Tokens {
    /// Those in `store`, and the first one.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn load(store: &Store, first: Digest) -> Result<Self, StoreError> {
        let tokens = Self {
            first,
            by_hash: ArcSwap::default(),
            turn: Mutex::default(),
        };
        tokens.reload(store).await?;
        Ok(tokens)
    }

    /// Takes over what `store` has now.
    ///
    /// # Errors
    /// If it cannot be read; then nothing changes.
    pub async fn reload(&self, store: &Store) -> Result<(), StoreError> {
        let _turn = self.turn.lock().await;
        let live = tokens::live(store).await?.into_iter();
        let mut by_hash: HashMap<_, _> = live
            .map(|token| (token.hash, Caller::from(token)))
            .collect();
        by_hash.insert(self.first, Caller::bootstrap());
        self.by_hash.store(by_hash.into());
        Ok(())
    }

    /// Whose token these headers bear. Looked up by digest, so the time it takes
    /// says nothing about a token.
    pub(super) fn of(&self, headers: &HeaderMap) -> Option<Caller> {
        let value = headers.get(header::AUTHORIZATION)?.as_bytes();
        let token = value.strip_prefix(b"Bearer ")?;
        self.by_hash.load().get(&Digest::of(token)).cloned()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_a_token_opens() {
        let first = Digest::of(b"secret");
        let tokens = Tokens {
            first,
            by_hash: ArcSwap::from_pointee(HashMap::from([(first, Caller::bootstrap())])),
            turn: Mutex::default(),
        };
        let with = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, value.parse().unwrap());
            tokens.of(&headers)
        };
        assert_eq!(with("Bearer secret"), Some(Caller::bootstrap()));
        for value in [
            "Bearer ",
            "Bearer secre",
            "Bearer secret ",
            "secret",
            "Basic secret",
            "",
        ] {
            assert_eq!(with(value), None, "{value:?}");
        }
        assert_eq!(tokens.of(&HeaderMap::new()), None);
    }
}
