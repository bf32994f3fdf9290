//! Deleting what is kept no longer.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use crate::store::idempotency::delete_expired;
use crate::store::{Store, StoreError, now_us};

/// How long what is over may stay.
const EVERY: Duration = Duration::from_secs(30);

/// How many are deleted at once. Answers are some pages each, and whoever writes
/// calls waits as long.
const BATCH: i64 = 32;

/// Deletes the answers whose time is over, until `stopped` closes.
pub async fn clean(store: &Store, mut stopped: watch::Receiver<()>) {
    let rounds = async {
        loop {
            if let Err(error) = round(store).await {
                tracing::warn!(%error, "cannot delete expired idempotency keys; tried again later");
            }
            sleep(EVERY).await;
        }
    };
    tokio::select! {
        _ = stopped.changed() => {}
        () = rounds => {}
    }
}

/// Deletes all that are over now, with pauses in which others write.
async fn round(store: &Store) -> Result<(), StoreError> {
    loop {
        let began = Instant::now();
        let mut tx = store.begin().await?;
        let deleted = delete_expired(&mut tx, now_us(), BATCH).await?;
        tx.commit().await?;
        if i64::try_from(deleted).is_ok_and(|deleted| deleted < BATCH) {
            return Ok(());
        }
        sleep(began.elapsed()).await;
    }
}
