//! Makes checkpoints while the gateway runs.

use std::collections::HashSet;
use std::time::Duration;

use ed25519_dalek::SigningKey;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use super::checkpoint::{ChainHead, Checkpoint};
use crate::store::audit::{AuditChain, chains_at, head};
use crate::store::checkpoints::{self, CheckpointRow};
use crate::store::{Store, StoreError, Tx, now_us};

/// Why a checkpoint was not made.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It cannot be written as JSON.
    #[error("the checkpoint cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// Makes checkpoints with the host's key.
pub struct Keeper {
    store: Store,
    key: SigningKey,
}

impl Keeper {
    /// One for this database, the only one at a time.
    #[must_use]
    pub fn new(store: Store, key: SigningKey) -> Self {
        Self { store, key }
    }

    /// Makes a checkpoint at each interval, until `stopped` closes. A database
    /// that does not take it is asked again at the next one.
    pub async fn run(&self, every: Duration, mut stopped: watch::Receiver<()>) {
        let mut ticks = interval(every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = stopped.changed() => return,
                _ = ticks.tick() => self.make_or_say().await,
            }
        }
    }

    /// Makes a checkpoint, or says why not in the log.
    pub async fn make_or_say(&self) {
        match self.make().await {
            Ok(None) => {}
            Ok(Some(checkpoint)) => {
                let heads: Vec<_> = checkpoint
                    .heads
                    .iter()
                    .map(|ChainHead { chain, link, seq }| format!("{chain}:{seq}:{link}"))
                    .collect();
                // Whoever keeps the log elsewhere can hold the database to it.
                tracing::info!(
                    number = checkpoint.number,
                    heads = heads.join(" "),
                    "audit_checkpoint"
                );
            }
            Err(error) => {
                tracing::warn!(%error, "no audit checkpoint could be made; the next one will cover it");
            }
        }
    }

    /// Makes a checkpoint, unless the last one says the same.
    ///
    /// # Errors
    /// If the database does not take it.
    pub async fn make(&self) -> Result<Option<Checkpoint>, KeepError> {
        let mut tx = self.store.begin().await?;
        let latest = checkpoints::latest(&mut tx).await?;
        let before = latest
            .as_ref()
            .and_then(|latest| Checkpoint::unchecked(&latest.envelope));
        let heads = heads(&mut tx).await?;
        if before
            .as_ref()
            .is_some_and(|(before, _)| before.heads == heads)
        {
            return Ok(None);
        }
        let checkpoint = Checkpoint {
            at: now_us(),
            heads,
            number: latest.map_or(0, |latest| latest.number) + 1,
            previous: before.map(|(_, digest)| digest),
        };
        let row = CheckpointRow {
            number: checkpoint.number,
            envelope: checkpoint.sign(&self.key)?,
        };
        checkpoints::insert(&mut tx, &row, checkpoint.at).await?;
        tx.commit().await.map_err(StoreError::from)?;
        Ok(Some(checkpoint))
    }
}

/// The ends of the control chain and of every writer's that none continues:
/// any other is vouched for by the one that does.
async fn heads(tx: &mut Tx) -> Result<Vec<ChainHead>, StoreError> {
    let chains = chains_at(tx).await?;
    let continued: HashSet<_> = chains.iter().filter_map(|row| row.previous_chain).collect();
    let mut heads = Vec::with_capacity(2);
    for AuditChain { chain, .. } in chains {
        if continued.contains(&chain) {
            continue;
        }
        let (seq, link) = head(tx, chain).await?;
        heads.push(ChainHead { chain, link, seq });
    }
    Ok(heads)
}
