//! Rolls a set back by itself when it has faulted too often.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::mpsc;

use super::activate::{ActivateError, Word};
use super::service::Lifecycle;

/// Who rolls back, in the audit.
const ACTOR: &str = "host";

/// Between two tries while the database does not answer. Until one succeeds,
/// every fault is answered by the last good set anyway.
const RETRY: Duration = Duration::from_secs(1);

/// Waits for alarms, which are generations, until nobody can raise one.
pub(super) async fn run(lifecycle: Weak<Lifecycle>, mut alarms: mpsc::Receiver<i64>) {
    while let Some(generation) = alarms.recv().await {
        while let Some(lifecycle) = lifecycle.upgrade() {
            match roll_back(&lifecycle, generation).await {
                Ok(()) => break,
                Err(error) => tracing::error!(generation, %error, "policy_rollback_failed"),
            }
            drop(lifecycle);
            tokio::time::sleep(RETRY).await;
        }
    }
}

async fn roll_back(lifecycle: &Arc<Lifecycle>, generation: i64) -> Result<(), ActivateError> {
    let snapshot = lifecycle.active.load();
    if snapshot.active.number != generation {
        return Ok(());
    }
    let Some(good) = &snapshot.last_good else {
        tracing::error!(
            generation,
            "policy_faulted: no earlier set is left; activate a good one"
        );
        return Ok(());
    };
    let faults = Some(snapshot.active.faults.total());
    let word = Word::Back {
        to: good.number,
        actor: ACTOR.to_owned(),
        faults,
    };
    match lifecycle
        .go_back(generation, Arc::clone(&good.set), word)
        .await
    {
        // Someone was faster.
        Err(ActivateError::Stale { .. }) => Ok(()),
        // Another process has revoked it, or given its name to a model, and this
        // one has not followed yet: the next try takes another.
        Err(error @ (ActivateError::Revoked | ActivateError::CatalogName(_))) => {
            let _turn = lifecycle.hold().await;
            lifecycle.renew_last_good().await?;
            Err(error)
        }
        done => done.map(drop),
    }
}
