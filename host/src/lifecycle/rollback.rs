//! The way back: the digests of an earlier generation, under a new number. No
//! signature, as all of them were active before.

use std::sync::Arc;

use super::activate::{ActivateError, Activated, Word};
use super::error::Internal;
use super::history;
use super::load::LoadedError;
use super::service::Lifecycle;
use crate::store::{StoreError, generations};

/// Why nothing was rolled back.
#[derive(Debug, thiserror::Error)]
pub enum RollbackError {
    /// Another generation is active by now.
    #[error(
        "generation {actual} is active, not {expected}: look at `GET /admin/v1/policy` and roll back again"
    )]
    Stale {
        /// The one that the caller took for the active one.
        expected: i64,
        /// The active one.
        actual: i64,
    },
    /// No such generation.
    #[error("there is no generation {0}; `GET /admin/v1/policy/generations` lists them")]
    Unknown(i64),
    /// It may not become active again.
    #[error(
        "the set of generation {0} is revoked; name another one, or have a founder restore it with `DELETE /admin/v1/policy/generations/{0}/revocation`"
    )]
    Revoked(i64),
    /// None before.
    #[error("nothing was active before this set; name a generation to roll back to")]
    NothingBefore,
    /// It is active.
    #[error("the set of generation {0} is active already")]
    Same(i64),
    /// Its components cannot be used any more.
    #[error("generation {generation} cannot be activated again: {error}")]
    Unusable {
        /// Which one.
        generation: i64,
        /// Why.
        error: LoadedError,
    },
    /// The catalog has got a name since.
    #[error(
        "the set of generation {generation} routes `{name}`, which is a model of the catalog by now; rename it there first"
    )]
    CatalogName {
        /// Which one.
        generation: i64,
        /// The name.
        name: String,
    },
    /// Nobody's mistake.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl Lifecycle {
    /// Rolls back to the set of generation `to` (none: the one that the active
    /// set replaced), if `expected` is still active.
    ///
    /// # Errors
    /// If it is not, or there is no such set any more.
    pub async fn rollback(
        self: &Arc<Self>,
        to: Option<i64>,
        expected: i64,
        actor: &str,
    ) -> Result<Activated, RollbackError> {
        let store = self.store();
        let active = self.active.load().active.number;
        if active != expected {
            return Err(RollbackError::Stale {
                expected,
                actual: active,
            });
        }
        let target = match to {
            Some(to) => generations::get(store, to)
                .await
                .map_err(Internal::from)?
                .ok_or(RollbackError::Unknown(to))?,
            None => {
                let row = generations::get(store, active)
                    .await
                    .map_err(Internal::from)?;
                let row = row.ok_or(Internal::Store(StoreError::Missing { what: "generation" }))?;
                history::previous(store, &row)
                    .await
                    .map_err(Internal::from)?
                    .ok_or(RollbackError::NothingBefore)?
            }
        };
        let generation = target.generation;
        if self.revoked(history::digests(&target)).await? {
            return Err(RollbackError::Revoked(generation));
        }
        let set = self
            .library
            .set(history::digests(&target))
            .await
            .map_err(|error| RollbackError::Unusable { generation, error })?;
        if set.digests() == self.active.load().active.set.digests() {
            return Err(RollbackError::Same(generation));
        }
        let word = Word::Back {
            to: generation,
            actor: actor.to_owned(),
            faults: None,
        };
        self.go_back(expected, set, word)
            .await
            .map_err(|error| match error {
                ActivateError::Stale { expected, actual } => {
                    RollbackError::Stale { expected, actual }
                }
                ActivateError::CatalogName(name) => RollbackError::CatalogName { generation, name },
                ActivateError::Revoked => RollbackError::Revoked(generation),
                ActivateError::Internal(internal) => internal.into(),
            })
    }
}
