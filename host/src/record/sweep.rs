//! Closing what dead writers left open.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

use super::closed::{Closed, Outcome, Progress};
use super::hold::day_of;
use super::key::KeyMint;
use super::message::{Message, Write};
use super::metrics::About;
use super::opened::CallRef;
use super::shared::Shared;
use super::words::{Router, Status, UsageSource};
use super::{Records, RecordsUnavailable, StartError};
use crate::store::writers::{self, Dead, Pending};
use crate::store::{Store, StoreError, now_us};

/// How long a writer on a server may be silent until it is taken for dead: a few
/// times as long as it waits for an answer and takes to connect again.
const LEASE: Duration = Duration::from_secs(10);

/// How often it is looked for writers that are.
const ROUND: Duration = Duration::from_secs(2);

/// Looks for dead writers as long as the records it belongs to are there.
pub(super) struct Sweeper {
    queue: mpsc::WeakSender<Message>,
    mint: Arc<KeyMint>,
    shared: Arc<Shared>,
    max_open_calls: i64,
    store: Store,
}

impl Sweeper {
    pub(super) fn new(records: &Records, store: &Store) -> Self {
        Self {
            queue: records.queue.downgrade(),
            mint: Arc::clone(&records.mint),
            shared: Arc::clone(&records.shared),
            max_open_calls: records.max_open_calls,
            store: store.clone(),
        }
    }

    fn records(&self) -> Option<Records> {
        Some(Records {
            queue: self.queue.upgrade()?,
            mint: Arc::clone(&self.mint),
            shared: Arc::clone(&self.shared),
            max_open_calls: self.max_open_calls,
            _lock: None,
        })
    }

    /// Until the records are stopped. A writer is taken for dead only where the
    /// database was there for as long as a lease, and this process too: after an
    /// outage everyone is silent, and must have the time to come back.
    pub(super) async fn run(self) {
        let mut steady = Instant::now();
        let mut before = steady;
        loop {
            sleep(ROUND).await;
            let Some(records) = self.records() else {
                return;
            };
            let now = Instant::now();
            let late = now - before > 2 * ROUND;
            before = now;
            match records.check() {
                Err(RecordsUnavailable::Stopped) => return,
                Err(_) => steady = now,
                Ok(()) if late => steady = now,
                Ok(()) if now - steady < LEASE => {}
                Ok(()) => {
                    if let Err(error) = records.bury_dead(&self.store).await {
                        tracing::warn!(%error, "cannot close the calls of dead gateways; tried again");
                        steady = now;
                    }
                }
            }
        }
    }
}

impl Records {
    async fn bury_dead(&self, store: &Store) -> Result<(), StartError> {
        let mut tx = store.begin().await?;
        let dead = writers::expire(&mut tx, Some(self.mint.writer()), Some(LEASE)).await?;
        tx.commit().await.map_err(StoreError::from)?;
        for dead in dead {
            self.bury(store, dead).await?;
        }
        Ok(())
    }

    /// Closes as `abandoned` what a dead writer left pending.
    pub(super) async fn bury(&self, store: &Store, dead: Dead) -> Result<(), StartError> {
        let abandoned = self.sweep(store, dead).await?;
        if abandoned > 0 {
            tracing::warn!(
                abandoned,
                "closed the calls that a killed process left pending"
            );
        }
        let mut tx = store.begin().await?;
        writers::end(&mut tx, dead.id, now_us()).await?;
        tx.commit().await.map_err(StoreError::from)?;
        Ok(())
    }

    async fn sweep(&self, store: &Store, dead: Dead) -> Result<usize, StartError> {
        let pending = writers::pending(store, dead).await?;
        let count = pending.len();
        let metrics = &self.shared.metrics;
        for call in pending {
            let place = self
                .queue
                .reserve()
                .await
                .map_err(|_| StartError::Sweep(RecordsUnavailable::Stopped))?;
            let about = About::left(router(&call));
            metrics.ended(about, Status::Abandoned, None, &Progress::default());
            place.send(Message::Write(abandon(&call)));
        }
        self.flush().await.map_err(StartError::Sweep)?;
        self.check().map_err(StartError::Sweep)?;
        Ok(count)
    }
}

/// The close of a call whose process was killed: nobody knows what it used.
fn abandon(pending: &Pending) -> Write {
    let call = CallRef {
        key: pending.key,
        router: router(pending),
        tenant: pending.tenant,
        agent: pending.agent,
        dispatched: pending.dispatched,
        hold_nanousd: pending.hold_nanousd,
        day: day_of(pending.at_us),
        claims: true,
    };
    let closed = Closed {
        at_us: now_us(),
        latency_us: None,
        outcome: Outcome::because(Status::Abandoned, "process_killed"),
        progress: Progress {
            usage_source: Some(UsageSource::Unknown),
            ..Progress::default()
        },
        charged_nanousd: None,
        kept: None,
    };
    Write::closed(call, closed, true, None)
}

fn router(pending: &Pending) -> Router {
    if pending.routed {
        Router::Policy
    } else {
        Router::Direct
    }
}
