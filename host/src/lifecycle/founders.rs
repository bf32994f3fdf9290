//! Who may authorize.

use std::collections::BTreeSet;
use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;

use serde_json::json;

use super::error::Internal;
use super::keys::{FounderKey, KeyError};
use super::service::Lifecycle;
use super::tally;
use crate::record::audit::{self, Event, EventName};
use crate::store::founders::{self, Founder};
use crate::store::{StoreError, Tx, now_us};

/// The variable that holds the operator's founders.
pub const VARIABLE: &str = "AINFERA_FOUNDER_KEYS";

/// Why a key was not enrolled.
#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    /// No key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// There is one.
    #[error(
        "a founder key is enrolled already; from then on keys change only by what founders sign: `ainfera founder rotate --help`"
    )]
    NotFirst,
    /// The operator's variable is in force.
    #[error("the founder keys are set by {VARIABLE}; change them there and restart")]
    Fixed,
    /// Nobody's mistake.
    #[error(transparent)]
    Internal(#[from] Internal),
}

/// Why the operator's founders cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum FoundersError {
    /// Neither PEM nor a file that can be read.
    #[error("{VARIABLE} is neither PEM nor a file that can be read: {0}")]
    File(std::io::Error),
    /// PEM without a good key.
    #[error("{VARIABLE}: {0}")]
    Key(#[from] KeyError),
    /// Fewer keys than have to sign.
    #[error(
        "{VARIABLE} has {keys} keys, but the founder threshold is {threshold}: nothing could be authorized; add keys, or lower AINFERA_FOUNDER_THRESHOLD"
    )]
    TooFew {
        /// How many there are.
        keys: usize,
        /// How many have to sign.
        threshold: NonZeroUsize,
    },
}

/// Reads the operator's founders: PEM, or the path of a PEM file.
pub(super) fn fixed(
    value: Option<&str>,
    threshold: NonZeroUsize,
) -> Result<Option<Vec<FounderKey>>, FoundersError> {
    let Some(value) = value.filter(|value| !value.trim().is_empty()) else {
        return Ok(None);
    };
    let founders = if value.contains("-----BEGIN") {
        FounderKey::many_from_pem(value)?
    } else {
        let pem = fs::read_to_string(Path::new(value.trim())).map_err(FoundersError::File)?;
        FounderKey::many_from_pem(&pem)?
    };
    let ids: BTreeSet<_> = founders.iter().map(|founder| &founder.id).collect();
    let keys = ids.len();
    if keys < threshold.get() {
        return Err(FoundersError::TooFew { keys, threshold });
    }
    Ok(Some(founders))
}

/// Who acts where founders signed with these keys.
pub(super) fn actor(keys: &BTreeSet<String>) -> String {
    let keys: Vec<_> = keys.iter().map(String::as_str).collect();
    format!("founder:{}", keys.join(","))
}

impl Lifecycle {
    /// The keys that count: the operator's, else those enrolled.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn founders(&self) -> Result<Vec<FounderKey>, Internal> {
        let mut tx = self.store().snapshot().await?;
        self.founders_in(&mut tx).await
    }

    /// The same, as `tx` sees them.
    pub(super) async fn founders_in(&self, tx: &mut Tx) -> Result<Vec<FounderKey>, Internal> {
        if let Some(fixed) = &self.fixed_founders {
            return Ok(fixed.clone());
        }
        let rows = founders::list(tx).await?;
        let key = |row: Founder| {
            let key =
                FounderKey::from_pem(&row.public_key).map_err(|error| StoreError::Unreadable {
                    what: "founder key",
                    why: error.to_string(),
                })?;
            Ok(FounderKey {
                revoked: row.revoked_us.is_some(),
                ..key
            })
        };
        rows.into_iter().map(key).collect()
    }

    /// How many of these have to sign.
    #[must_use]
    pub fn threshold(&self, founders: &[FounderKey]) -> usize {
        tally::needed(self.threshold.get(), founders)
    }

    /// Whether the keys are the operator's, and cannot be enrolled.
    #[must_use]
    pub fn founders_are_fixed(&self) -> bool {
        self.fixed_founders.is_some()
    }

    /// Enrols the first founder.
    ///
    /// # Errors
    /// If there is one, or the keys are the operator's.
    pub async fn enrol_founder(&self, pem: &str, actor: &str) -> Result<FounderKey, EnrolError> {
        if self.fixed_founders.is_some() {
            return Err(EnrolError::Fixed);
        }
        let key = FounderKey::from_pem(pem)?;
        let mut tx = self.store().begin().await.map_err(Internal::from)?;
        let any = !founders::list(&mut tx)
            .await
            .map_err(Internal::from)?
            .is_empty();
        // Revoked ones included.
        if any {
            return Err(EnrolError::NotFirst);
        }
        enrol(&mut tx, &key, actor).await?;
        tx.commit().await.map_err(Internal::from)?;
        Ok(key)
    }
}

/// Enrols a key, with its event.
pub(super) async fn enrol(tx: &mut Tx, key: &FounderKey, actor: &str) -> Result<(), Internal> {
    let public_key = key.to_pem().map_err(|error| StoreError::Unreadable {
        what: "founder key",
        why: error.to_string(),
    })?;
    let founder = Founder {
        key_id: key.id.clone(),
        public_key,
        enrolled_us: now_us(),
        actor: actor.to_owned(),
        revoked_us: None,
    };
    founders::enrol(tx, &founder).await?;
    let data = json!({"actor": actor, "key": founder.key_id});
    audit::append(tx, &Event::new(EventName::FounderEnrolled, data)).await?;
    Ok(())
}

/// Revokes a key, with its event.
pub(super) async fn revoke(tx: &mut Tx, id: &str, actor: &str) -> Result<(), Internal> {
    founders::revoke(tx, id, now_us()).await?;
    let data = json!({"actor": actor, "key": id});
    audit::append(tx, &Event::new(EventName::FounderRevoked, data)).await?;
    Ok(())
}
