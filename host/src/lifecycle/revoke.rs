//! Revoking the set of a generation: it does not become active again, by hand, by
//! signature or by the host, until a founder lifts that.

use std::sync::Arc;

use serde_json::json;

use super::error::Internal;
use super::history;
use super::service::Lifecycle;
use crate::policy::set::Digests;
use crate::record::audit::{self, Event, EventName};
use crate::store::generations::Generation as Row;
use crate::store::revocations::{self, Revocation};
use crate::store::{StoreError, Tx, generations, now_us};

/// Why a set was not revoked or restored.
#[derive(Debug, thiserror::Error)]
pub enum RevokeError {
    /// No such generation.
    #[error("there is no generation {0}; `GET /admin/v1/policy/generations` lists them")]
    Unknown(i64),
    /// It decides.
    #[error("the set of generation {0} is the active one; roll back first, then revoke it")]
    Active(i64),
    /// Nobody's mistake.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StoreError> for RevokeError {
    fn from(error: StoreError) -> Self {
        Self::Internal(error.into())
    }
}

impl Lifecycle {
    /// Revokes the set of `generation`. False if it was revoked already.
    ///
    /// # Errors
    /// If there is no such generation, or its set is active.
    pub async fn revoke_generation(
        self: &Arc<Self>,
        generation: i64,
        actor: &str,
    ) -> Result<bool, RevokeError> {
        let (this, actor) = (Arc::clone(self), actor.to_owned());
        let act = async move {
            let _turn = this.turn.lock().await;
            let row = this.row(generation).await?;
            let mut tx = this.store().begin().await?;
            // Another process may have activated it meanwhile.
            let active = generations::active_in(&mut tx).await?;
            if active.is_some_and(|active| active.digests == row.digests) {
                return Err(RevokeError::Active(generation));
            }
            let revocation = Revocation {
                digests: row.digests,
                generation,
                revoked_us: now_us(),
                actor,
            };
            match revocations::insert(&mut tx, &revocation).await {
                Ok(()) => {}
                Err(StoreError::Duplicate { .. }) => return Ok(false),
                Err(error) => return Err(error.into()),
            }
            let name = EventName::GenerationRevoked;
            say(&mut tx, name, &row, &revocation.actor).await?;
            tx.commit().await.map_err(Internal::from)?;
            this.renew_last_good().await?;
            tracing::info!(generation, actor = revocation.actor, "generation_revoked");
            Ok(true)
        };
        // A caller that goes away does not stop it between commit and memory.
        tokio::spawn(act).await.map_err(Internal::from)?
    }

    /// Lifts the revocation of the set of `generation`. False if there was none.
    ///
    /// # Errors
    /// If there is no such generation.
    pub async fn restore_generation(
        self: &Arc<Self>,
        generation: i64,
        actor: &str,
    ) -> Result<bool, RevokeError> {
        let (this, actor) = (Arc::clone(self), actor.to_owned());
        let act = async move {
            let _turn = this.turn.lock().await;
            let row = this.row(generation).await?;
            let mut tx = this.store().begin().await?;
            if !revocations::delete(&mut tx, &row.digests).await? {
                return Ok(false);
            }
            say(&mut tx, EventName::GenerationRestored, &row, &actor).await?;
            tx.commit().await.map_err(Internal::from)?;
            this.renew_last_good().await?;
            tracing::info!(generation, actor, "generation_restored");
            Ok(true)
        };
        tokio::spawn(act).await.map_err(Internal::from)?
    }

    /// Whether this set is revoked.
    pub(super) async fn revoked(&self, digests: Digests) -> Result<bool, Internal> {
        let mut tx = self.store().snapshot().await?;
        Ok(revocations::holds(&mut tx, &history::stored(digests)).await?)
    }

    /// Finds another set to answer for the active one where that faults, if there
    /// is none or it may not any more. The caller has the turn.
    pub(super) async fn renew_last_good(&self) -> Result<(), Internal> {
        let snapshot = self.active.load();
        if let Some(good) = &snapshot.last_good
            && self.library.model_of(&good.set).is_none()
            && !self.revoked(good.set.digests()).await?
        {
            return Ok(());
        }
        let last_good = self.library.last_good(&snapshot.active).await;
        self.active.set_last_good(last_good);
        Ok(())
    }

    async fn row(&self, generation: i64) -> Result<Row, RevokeError> {
        let row = generations::get(self.store(), generation).await?;
        row.ok_or(RevokeError::Unknown(generation))
    }
}

async fn say(tx: &mut Tx, name: EventName, row: &Row, actor: &str) -> Result<(), Internal> {
    let digests = history::digests(row);
    let data = json!({"actor": actor, "digests": digests, "generation": row.generation});
    audit::append(tx, &Event::new(name, data)).await?;
    Ok(())
}
