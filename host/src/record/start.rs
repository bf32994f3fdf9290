//! Starting the writer.

use std::collections::VecDeque;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::audit::{AppendError, Event, EventName, append};
use super::collector::Collector;
use super::committer::{Committer, Database};
use super::handoff::handoff;
use super::key::KeyMint;
use super::lock::lock;
use super::postgres::{Postgres, Register};
use super::session::Broken;
use super::shared::Shared;
use super::sqlite::Sqlite;
use super::sweep::Sweeper;
use super::{Records, RecordsUnavailable};
use crate::store::writers::{self, Writer};
use crate::store::{Digest, Location, Server, Store, StoreError, Tx, now_us};
use crate::telemetry::otlp::Otlp;

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
    /// Registers this process as a writer, and starts its thread. Pending calls
    /// that dead writers left are closed as `abandoned`: those of a file before
    /// this answers; those on a server, where others may live, when a lease is
    /// over. The ends of calls are told to `otlp`.
    pub async fn start(
        config: RecordsConfig,
        store: &Store,
        otlp: Otlp,
    ) -> Result<Self, StartError> {
        match &store.config().location {
            Location::File(file) => Self::on_file(config, store, file, otlp).await,
            Location::Server(server) => Self::on_server(config, store, server, otlp).await,
        }
    }

    async fn on_file(
        config: RecordsConfig,
        store: &Store,
        file: &Path,
        otlp: Otlp,
    ) -> Result<Self, StartError> {
        let lock = lock(file)?;
        let mut tx = store.begin().await?;
        let dead = writers::expire(&mut tx, None, None).await?;
        let writer = register(tx).await?;
        let mint = KeyMint::new(writer.id, writer.first_key);
        let database = Sqlite::new(store.config(), file, writer.id).map_err(StartError::Thread)?;
        let records = Self::launch(config, otlp, mint.into(), database, Some(lock))?;
        for dead in dead {
            records.bury(store, dead).await?;
        }
        Ok(records)
    }

    async fn on_server(
        config: RecordsConfig,
        store: &Store,
        server: &Server,
        otlp: Otlp,
    ) -> Result<Self, StartError> {
        let writer = register(store.begin().await?).await?;
        let mint = Arc::new(KeyMint::new(writer.id, writer.first_key));
        let durability = store.config().durability;
        let anew = again(store.clone(), Arc::clone(&mint));
        let database = Postgres::new(server.options(), durability, writer.id, anew);
        let records = Self::launch(config, otlp, mint, database, None)?;
        tokio::spawn(Sweeper::new(&records, store).run());
        Ok(records)
    }

    fn launch(
        config: RecordsConfig,
        otlp: Otlp,
        mint: Arc<KeyMint>,
        database: impl Database,
        lock: Option<File>,
    ) -> Result<Self, StartError> {
        let shared = Arc::new(Shared::new(otlp));
        let max_open_calls = config.max_open_calls.clamp(1, 1 << 20);
        // One place for an open and one for its close.
        let (queue, messages) = mpsc::channel(2 * max_open_calls);
        let (batches, handed) = handoff();
        let (finished, done) = mpsc::unbounded_channel();
        let committer = Committer {
            shared: Arc::clone(&shared),
            batches: handed,
            done: finished,
            kept: VecDeque::new(),
        };
        std::thread::Builder::new()
            .name("records".to_owned())
            .spawn(move || committer.run(database))
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
        Ok(Self {
            queue,
            mint,
            shared,
            max_open_calls: i64::try_from(max_open_calls).unwrap_or(i64::MAX),
            _lock: lock.map(Arc::new),
        })
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

/// Registers this process as a writer.
async fn register(mut tx: Tx) -> Result<Writer, StartError> {
    let writer = writers::begin(&mut tx, now_us()).await?;
    let started = Started {
        chain: writer.id,
        previous_link: writer.link,
        version: env!("CARGO_PKG_VERSION"),
    };
    append(&mut tx, &Event::new(EventName::GatewayStarted, started)).await?;
    tx.commit().await.map_err(StoreError::from)?;
    Ok(writer)
}

/// Registers it once more, from the writer's thread; keys are the new writer's
/// from then on.
fn again(store: Store, mint: Arc<KeyMint>) -> Register {
    let handle = Handle::current();
    Box::new(move || {
        let registered = handle.block_on(async { register(store.begin().await?).await });
        let writer = registered.map_err(|error| Broken::Register(Box::new(error)))?;
        mint.change(writer.id, writer.first_key);
        Ok(writer.id)
    })
}
