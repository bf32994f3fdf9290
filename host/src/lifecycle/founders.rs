//! Who may authorize.

use std::fs;
use std::path::Path;

use serde_json::json;

use super::error::Internal;
use super::keys::{FounderKey, KeyError};
use super::service::Lifecycle;
use crate::record::audit::{self, Event, EventName};
use crate::store::founders::{self, Founder};
use crate::store::{StoreError, now_us};

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
        "a founder key is enrolled already; from then on keys change only by the operator's {VARIABLE}"
    )]
    NotFirst,
    /// The operator's variable is in force.
    #[error("the founder keys are set by {VARIABLE}; change them there and restart")]
    Fixed,
    /// Nobody's mistake.
    #[error(transparent)]
    Internal(#[from] Internal),
}

/// Why the operator's founders cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FoundersError {
    /// Neither PEM nor a file that can be read.
    #[error("{VARIABLE} is neither PEM nor a file that can be read: {0}")]
    File(std::io::Error),
    /// PEM without a good key.
    #[error("{VARIABLE}: {0}")]
    Key(#[from] KeyError),
}

/// Reads the operator's founders: PEM, or the path of a PEM file.
pub(super) fn fixed(value: Option<&str>) -> Result<Option<Vec<FounderKey>>, FoundersError> {
    let Some(value) = value.filter(|value| !value.trim().is_empty()) else {
        return Ok(None);
    };
    if value.contains("-----BEGIN") {
        return Ok(Some(FounderKey::many_from_pem(value)?));
    }
    let pem = fs::read_to_string(Path::new(value.trim())).map_err(FoundersError::File)?;
    Ok(Some(FounderKey::many_from_pem(&pem)?))
}

impl Lifecycle {
    /// The keys that count: the operator's, else those enrolled.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn founders(&self) -> Result<Vec<FounderKey>, Internal> {
        if let Some(fixed) = &self.fixed_founders {
            return Ok(fixed.clone());
        }
        let rows = founders::list(self.store()).await?;
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
        let founder = Founder {
            key_id: key.id.clone(),
            public_key: key.to_pem()?,
            enrolled_us: now_us(),
            actor: actor.to_owned(),
            revoked_us: None,
        };
        let mut tx = self.store().begin().await.map_err(Internal::from)?;
        founders::enrol_first(&mut tx, &founder)
            .await
            .map_err(|error| match error {
                StoreError::Duplicate { .. } => EnrolError::NotFirst,
                other => Internal::Store(other).into(),
            })?;
        let data = json!({"actor": actor, "key": founder.key_id});
        audit::append(&mut tx, &Event::new(EventName::FounderEnrolled, data))
            .await
            .map_err(Internal::from)?;
        tx.commit().await.map_err(Internal::from)?;
        Ok(key)
    }
}
