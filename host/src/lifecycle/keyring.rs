//! What founders sign to change whose signatures count: from these keys, add
//! those, revoke these.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::keys::{FounderKey, KeyError};
use super::window::{self, WindowError};
use crate::store::Digest;

/// The payload type of the envelope.
pub const PAYLOAD_TYPE: &str = "application/vnd.ainfera.founder-keys.v1+json";

/// The signed payload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// Public keys to enrol, PEM.
    pub add: Vec<String>,
    /// The ids of the keys that count now, all of them.
    pub before: BTreeSet<String>,
    /// 128 random bits, in hexadecimal digits.
    pub nonce: String,
    /// RFC 3339.
    pub not_after: Timestamp,
    /// RFC 3339.
    pub not_before: Timestamp,
    /// The ids of keys to revoke.
    pub revoke: BTreeSet<String>,
}

/// Why a statement cannot be carried out, whoever signed it.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// Nothing in it.
    #[error("it neither adds nor revokes a key; name one")]
    Unchanged,
    /// Other keys count by now.
    #[error(
        "stale: other founder keys count by now than those that it says it is for; look at `GET /admin/v1/founders` and sign it anew"
    )]
    Stale,
    /// No key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// One that is there, or was.
    #[error("founder key {0} is enrolled, or was and is revoked; add another key")]
    Known(String),
    /// One that is not there.
    #[error(
        "founder key {0} is not enrolled, or revoked already; `ainfera founder list` shows those that count"
    )]
    Unknown(String),
    /// Too few would be left.
    #[error(
        "{left} founder keys would be left, but {needed} have to sign: nothing could be authorized any more; add a key in the same change (`ainfera founder rotate`)"
    )]
    TooFew {
        /// How many would be left.
        left: usize,
        /// How many have to sign.
        needed: usize,
    },
}

/// A change of the keys that can be carried out.
#[derive(Debug)]
pub(super) struct Plan {
    /// To enrol.
    pub(super) add: Vec<FounderKey>,
    /// To revoke.
    pub(super) revoke: BTreeSet<String>,
    /// The same for all statements that say the same, whatever their windows and
    /// nonces.
    pub(super) subject: Digest,
}

impl Statement {
    /// A statement for the keys `before` with a fresh nonce.
    ///
    /// # Errors
    /// If the system has no random numbers.
    pub fn new(
        before: BTreeSet<String>,
        add: Vec<String>,
        revoke: BTreeSet<String>,
        (not_before, not_after): (Timestamp, Timestamp),
    ) -> Result<Self, getrandom::Error> {
        Ok(Self {
            add,
            before,
            nonce: window::nonce()?,
            not_after,
            not_before,
            revoke,
        })
    }

    /// Whether it holds at `now`.
    ///
    /// # Errors
    /// If it does not.
    pub fn holds(&self, now: Timestamp) -> Result<(), WindowError> {
        window::holds(&self.nonce, (self.not_before, self.not_after), now)
    }

    /// What it comes to for `founders`, of whom `needed` have to sign.
    pub(super) fn plan(
        &self,
        founders: &[FounderKey],
        needed: usize,
    ) -> Result<Plan, KeyringError> {
        let live = founders.iter().filter(|founder| !founder.revoked);
        let live: BTreeSet<_> = live.map(|founder| founder.id.clone()).collect();
        if live != self.before {
            return Err(KeyringError::Stale);
        }
        if self.add.is_empty() && self.revoke.is_empty() {
            return Err(KeyringError::Unchanged);
        }
        let mut add: Vec<FounderKey> = Vec::new();
        for pem in &self.add {
            let key = FounderKey::from_pem(pem)?;
            if founders.iter().chain(&add).any(|known| known.id == key.id) {
                return Err(KeyringError::Known(key.id));
            }
            add.push(key);
        }
        if let Some(unknown) = self.revoke.iter().find(|id| !live.contains(*id)) {
            return Err(KeyringError::Unknown(unknown.chars().take(64).collect()));
        }
        let left = live.len() + add.len() - self.revoke.len();
        if left < needed {
            return Err(KeyringError::TooFew { left, needed });
        }
        let subject = self.subject(&add);
        Ok(Plan {
            add,
            revoke: self.revoke.clone(),
            subject,
        })
    }

    fn subject(&self, add: &[FounderKey]) -> Digest {
        let ids = |ids: &mut dyn Iterator<Item = &str>| ids.collect::<Vec<_>>().join(",");
        let mut added: Vec<_> = add.iter().map(|key| &*key.id).collect();
        added.sort_unstable();
        // Ids are hexadecimal digits.
        let text = [
            ids(&mut self.before.iter().map(String::as_str)),
            ids(&mut added.into_iter()),
            ids(&mut self.revoke.iter().map(String::as_str)),
        ];
        Digest::of(text.join(";").as_bytes())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use ed25519_dalek::SigningKey;

    use super::*;
    use crate::lifecycle::keys;

    fn key(seed: u8) -> FounderKey {
        let key = SigningKey::from_bytes(&[seed; 32]).verifying_key();
        FounderKey {
            id: keys::id(&key),
            key,
            revoked: false,
        }
    }

    fn statement(before: &[u8], add: &[u8], revoke: &[u8]) -> Statement {
        let ids = |seeds: &[u8]| seeds.iter().map(|seed| key(*seed).id).collect();
        let add = add.iter().map(|seed| key(*seed).to_pem().unwrap());
        let now = Timestamp::now();
        Statement::new(ids(before), add.collect(), ids(revoke), (now, now)).unwrap()
    }

    #[test]
    fn a_rotation_adds_and_revokes_in_one() {
        let founders = [key(1), key(2)];
        let plan = statement(&[1, 2], &[3], &[1]).plan(&founders, 2).unwrap();
        assert_eq!(plan.add, [key(3)]);
        assert_eq!(plan.revoke, BTreeSet::from([key(1).id]));
        let again = statement(&[1, 2], &[3], &[1]).plan(&founders, 2).unwrap();
        assert_eq!(plan.subject, again.subject, "whatever nonce and window");
        let other = statement(&[1, 2], &[3], &[2]).plan(&founders, 2).unwrap();
        assert_ne!(plan.subject, other.subject);
    }

    #[test]
    fn what_would_shut_the_founders_out_is_refused() {
        let gone = FounderKey {
            revoked: true,
            ..key(9)
        };
        let founders = [key(1), key(2), gone];
        let plan = |before: &[u8], add: &[u8], revoke: &[u8]| {
            statement(before, add, revoke).plan(&founders, 2)
        };
        use KeyringError as E;
        assert!(matches!(plan(&[1], &[3], &[]), Err(E::Stale)));
        assert!(matches!(plan(&[1, 2, 9], &[3], &[]), Err(E::Stale)));
        assert!(matches!(plan(&[1, 2], &[], &[]), Err(E::Unchanged)));
        assert!(matches!(plan(&[1, 2], &[2], &[]), Err(E::Known(_))));
        assert!(matches!(plan(&[1, 2], &[9], &[]), Err(E::Known(_))));
        assert!(matches!(plan(&[1, 2], &[3, 3], &[]), Err(E::Known(_))));
        assert!(matches!(plan(&[1, 2], &[], &[9]), Err(E::Unknown(_))));
        assert!(matches!(plan(&[1, 2], &[], &[4]), Err(E::Unknown(_))));
        let few = plan(&[1, 2], &[], &[1]);
        assert!(matches!(few, Err(E::TooFew { left: 1, needed: 2 })));
        let few = plan(&[1, 2], &[3], &[1, 2]);
        assert!(matches!(few, Err(E::TooFew { left: 1, needed: 2 })));
        assert!(plan(&[1, 2], &[3, 4], &[1, 2]).is_ok());
    }
}
