//! Starting the writer, and closing what a killed one left open.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;
use tokio::sync::mpsc;

use super::audit::{AppendError, Event, EventName, append};
use super::checkpoint::Checkpoints;
use super::closed::{Closed, Outcome, Progress};
use super::collector::Collector;
use super::committer::Committer;
use super::handoff::handoff;
use super::key::{Key, KeyMint};
use super::message::{Message, Write};
use super::metrics::About;
use super::opened::CallRef;
use super::shared::Shared;
use super::words::{Router, Status, UsageSource};
use super::{Records, RecordsUnavailable};
use crate::store::writers::{self, Pending};
use crate::store::{Digest, Store, StoreError, now_us};

/// How to keep records.
#[derive(Clone, Copy, Debug)]
pub struct RecordsConfig {
    /// The most calls that may be open at once; more are refused. At most 2^20.
    pub max_open_calls: usize,
}

impl Default for RecordsConfig {
    fn default() -> Self {
        Self {
            max_open_calls: 65_536,
        }
    }
}

/// Why the records could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another process writes to this database.
    #[error("another gateway writes to this database ({} is locked); stop it, or use another data directory", .0.display())]
    Locked(PathBuf),
    /// The lock file could not be made.
    #[error("cannot lock {}: {source}", path.display())]
    Lock {
        /// The lock file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The database did not take the start.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The database did not take the audit event of the start.
    #[error(transparent)]
    Audit(#[from] AppendError),
    /// A thread could not be started.
    #[error("cannot start the writer's thread: {0}")]
    Thread(std::io::Error),
    /// The database failed while the calls of a killed process were closed.
    #[error("cannot close the calls of a killed process: {0}")]
    Sweep(RecordsUnavailable),
}

impl Records {
    /// Registers this process as a writer, starts its thread, and closes as
    /// `abandoned` what a killed process left pending.
    pub async fn start(config: RecordsConfig, store: &Store) -> Result<Self, StartError> {
        let lock = lock(store)?;
        let mut tx = store.begin().await?;
        let writer = writers::begin(&mut tx, now_us()).await?;
        let started = Started {
            chain: writer.id,
            previous_link: writer.link,
            version: env!("CARGO_PKG_VERSION"),
        };
        append(&mut tx, &Event::new(EventName::GatewayStarted, started)).await?;
        tx.commit().await.map_err(StoreError::from)?;

        let shared = Arc::new(Shared::default());
        let max_open_calls = config.max_open_calls.clamp(1, 1 << 20);
        // One place for an open and one for its close.
        let (queue, messages) = mpsc::channel(2 * max_open_calls);
        let (batches, handed) = handoff();
        let (finished, done) = mpsc::unbounded_channel();
        let committer = Committer {
            config: store.config().clone(),
            chain: writer.id,
            shared: Arc::clone(&shared),
            checkpoints: Checkpoints::start(store.config().clone()).map_err(StartError::Thread)?,
            batches: handed,
            done: finished,
            kept: VecDeque::new(),
        };
        std::thread::Builder::new()
            .name("records".to_owned())
            .spawn(move || committer.run())
            .map_err(StartError::Thread)?;
        tokio::spawn(
            Collector {
                queue: messages,
                batches,
                done,
                shared: Arc::clone(&shared),
            }
            .run(),
        );
        let mint = Arc::new(KeyMint::new(writer.id, writer.first_key));
        let records = Self {
            queue,
            mint,
            shared,
            max_open_calls: i64::try_from(max_open_calls).unwrap_or(i64::MAX),
            _lock: Arc::new(lock),
        };
        if let Some(after) = writer.sweep_after {
            let abandoned = records.sweep(store, after).await?;
            if abandoned > 0 {
                tracing::warn!(
                    abandoned,
                    "closed the calls that a killed process left pending"
                );
            }
        }
        let mut tx = store.begin().await?;
        writers::end_earlier(&mut tx, writer.id, now_us()).await?;
        tx.commit().await.map_err(StoreError::from)?;
        Ok(records)
    }

    async fn sweep(&self, store: &Store, after: Key) -> Result<usize, StartError> {
        let pending = writers::pending(store, after).await?;
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
        self.shared.forget(count);
        Ok(count)
    }
}

/// What a start says of itself in the control chain: so the control chain
/// vouches for every writer's chain up to then.
#[derive(Serialize)]
struct Started {
    chain: i64,
    previous_link: Digest,
    version: &'static str,
}

/// The close of a call whose process was killed: nobody knows what it used.
fn abandon(pending: &Pending) -> Write {
    let call = CallRef {
        key: pending.key,
        router: router(pending),
        tenant: pending.tenant,
        agent: pending.agent,
        dispatched: pending.dispatched,
    };
    let closed = Closed {
        at_us: now_us(),
        latency_us: None,
        outcome: Outcome::because(Status::Abandoned, "process_killed"),
        progress: Progress {
            usage_source: Some(UsageSource::Unknown),
            ..Progress::default()
        },
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

/// Keeps a second process from sweeping, as abandoned, the calls of this one.
fn lock(store: &Store) -> Result<File, StartError> {
    let mut path = store.config().path.clone().into_os_string();
    path.push(".lock");
    let path = PathBuf::from(path);
    let mut options = OpenOptions::new();
    options.append(true).create(true).mode(0o600);
    let failed = |source| StartError::Lock {
        path: path.clone(),
        source,
    };
    let file = options.open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StartError::Locked(path)),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}
