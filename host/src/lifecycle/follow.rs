//! Taking over what another replica activated.

use std::sync::Arc;

use super::error::Internal;
use super::gates;
use super::load::LoadedError;
use super::service::Lifecycle;
use crate::store::generations;

/// Why this replica stays with what it has, for now.
#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    /// The active set cannot be loaded here.
    #[error("generation {generation} cannot be loaded here: {error}")]
    Set {
        /// Its number.
        generation: i64,
        /// Why not.
        error: LoadedError,
    },
    /// The database.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl Lifecycle {
    /// Takes over the gates, and the generation that is active by the database
    /// where that is newer. It was verified and authorized where it was
    /// activated; its components come from the database.
    ///
    /// # Errors
    /// If the database does not answer, or the set cannot be loaded: then this
    /// replica goes on with what it has.
    pub async fn follow(&self) -> Result<(), FollowError> {
        let _turn = self.turn.lock().await;
        if !self.gate_held {
            self.active.set_gates(gates::stored(self.store()).await?);
        }
        let row = generations::active(self.store())
            .await
            .map_err(Internal::from)?;
        let now = self.active.load().active.number;
        let Some(row) = row.filter(|row| row.generation > now) else {
            // What answers for it may have been revoked.
            return Ok(self.renew_last_good().await?);
        };
        let generation = row.generation;
        let next = self
            .library
            .generation(&row)
            .await
            .map_err(|error| FollowError::Set { generation, error })?;
        let last_good = self.library.last_good(&next).await;
        self.active.roll_back(Arc::new(next), last_good);
        tracing::info!(generation, "policy_followed");
        self.end_shadow().await;
        Ok(())
    }
}
