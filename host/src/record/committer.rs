//! The writer's thread: commits batches, and outlasts a database that is gone.

use std::collections::VecDeque;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::mpsc::UnboundedSender;

use super::RecordsUnavailable;
use super::audit::Head;
use super::checkpoint::Checkpoints;
use super::handoff::{NoBatch, Taker};
use super::message::{Batch, Write};
use super::shared::Shared;
use super::sqlite::{Hot, Written, connect, is_of_the_row};
use crate::store::{StoreConfig, now_us};

/// How long to wait before a database that failed is tried again.
const RETRY: Duration = Duration::from_millis(100);

/// How many kept closes are committed at once when it is back.
const CATCH_UP: usize = 512;

/// Why the connection has to be given up.
#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    #[error("the database file was removed or replaced")]
    Moved,
}

pub(super) struct Committer {
    pub(super) config: StoreConfig,
    /// The number of the writer, and of its audit chain.
    pub(super) chain: i64,
    pub(super) shared: Arc<Shared>,
    pub(super) checkpoints: Checkpoints,
    pub(super) batches: Taker,
    pub(super) done: UnboundedSender<Batch>,
    /// Closes of calls that were made while, or before, the database failed.
    pub(super) kept: VecDeque<Write>,
}

/// One connection that has not failed yet.
struct Session<'c> {
    connection: &'c Connection,
    hot: Hot<'c>,
    head: Head,
    /// Device and inode, to notice that the file is not the one at the path any more.
    file: (u64, u64),
}

impl Committer {
    /// Commits until the last batch, through as many connections as it takes.
    pub(super) fn run(mut self) {
        loop {
            match self.connected() {
                Ok(()) => return,
                Err(error) => self.failed(&error),
            }
            if self.wait() {
                if !self.kept.is_empty() {
                    let calls = self.kept.len();
                    tracing::error!(
                        calls,
                        "stopped without a database: these calls will be found pending, and abandoned, by the next start"
                    );
                }
                return;
            }
        }
    }

    /// Serves batches on one connection, until the last one or an error.
    fn connected(&mut self) -> Result<(), Broken> {
        let connection = connect(&self.config)?;
        let mut hot = Hot::prepare(&connection, self.chain)?;
        let head = hot.head()?;
        let file = identity(&self.config)?;
        let mut session = Session {
            connection: &connection,
            hot,
            head,
            file,
        };
        self.catch_up(&mut session)?;
        if self.shared.recover() {
            tracing::info!("records available again");
        }
        while let Ok(mut batch) = self.batches.take(None) {
            let last = batch.last;
            let mut done = self.commit(&mut session, &mut batch);
            if let Err(error) = &done {
                // First: whoever is answered below may look.
                self.failed(error);
                self.keep(&mut batch);
            } else if last && self.shared.pending() == 0 {
                done = session.hot.touch(Some(now_us())).map_err(Broken::from);
            }
            // Fails only where the collector has ended: then nobody waits.
            let _ = self.done.send(batch);
            done?;
            if last {
                break;
            }
        }
        Ok(())
    }

    /// Commits what was kept, or proves otherwise that the database takes writes.
    fn catch_up(&mut self, session: &mut Session<'_>) -> Result<(), Broken> {
        session.hot.touch(None)?;
        while !self.kept.is_empty() {
            let count = self.kept.len().min(CATCH_UP);
            let mut batch = Batch {
                writes: self.kept.drain(..count).collect(),
                ..Batch::default()
            };
            if let Err(error) = self.commit(session, &mut batch) {
                for write in batch.writes.drain(..).rev() {
                    self.kept.push_front(write);
                }
                return Err(error);
            }
            self.shared.kept(self.kept.len());
        }
        Ok(())
    }

    /// Commits a batch. A row that the database refuses fails alone.
    fn commit(&mut self, session: &mut Session<'_>, batch: &mut Batch) -> Result<(), Broken> {
        batch.results.clear();
        batch.results.resize(batch.writes.len(), Ok(()));
        if batch.writes.is_empty() {
            return Ok(());
        }
        if identity(&self.config)? != session.file {
            return Err(Broken::Moved);
        }
        let began = Instant::now();
        // Each round commits, or finds one more bad row.
        loop {
            match attempt(&mut session.hot, session.head, batch) {
                Ok(head) => {
                    session.head = head;
                    self.shared.committed(batch);
                    let metrics = &self.shared.metrics;
                    metrics.commit.observe_time(began.elapsed());
                    metrics.commit_writes.observe(batch.writes.len() as u64);
                    self.checkpoints
                        .committed(batch.writes.len(), session.connection);
                    return Ok(());
                }
                Err((Some(row), error)) if is_of_the_row(&error) => {
                    if let (Some(write), Some(result)) =
                        (batch.writes.get(row), batch.results.get_mut(row))
                    {
                        tracing::error!(request = write.key().request_id(), %error, "the database refused a record");
                        *result = Err(RecordsUnavailable::Refused);
                    }
                }
                Err((_, error)) => return Err(error.into()),
            }
        }
    }

    /// Answers batches without a database for a while. True when the last one came.
    fn wait(&mut self) -> bool {
        let until = Instant::now() + RETRY;
        loop {
            match self.batches.take(Some(until)) {
                Ok(mut batch) => {
                    let last = batch.last;
                    self.keep(&mut batch);
                    let _ = self.done.send(batch);
                    if last {
                        return true;
                    }
                }
                Err(NoBatch::Timeout) => return false,
                Err(NoBatch::Closed) => return true,
            }
        }
    }

    /// From now on calls are refused.
    fn failed(&self, error: &Broken) {
        if !self.shared.fail() {
            tracing::error!(%error, "records unavailable: calls are refused until the database takes writes");
        }
    }

    /// Refuses the opens of a batch, and keeps its closes for later.
    fn keep(&mut self, batch: &mut Batch) {
        for mut write in batch.writes.drain(..) {
            write.answer(Err(RecordsUnavailable::Database));
            if write.must_be_kept() {
                self.kept.push_back(write);
            }
        }
        self.shared.kept(self.kept.len());
    }
}

/// Tries all rows of a batch that were not refused before, in one transaction.
/// An error comes with the place of its row, where it has one.
fn attempt(
    hot: &mut Hot<'_>,
    mut head: Head,
    batch: &mut Batch,
) -> Result<Head, (Option<usize>, rusqlite::Error)> {
    hot.begin().map_err(|error| (None, error))?;
    for (row, (write, result)) in batch.writes.iter().zip(&mut batch.results).enumerate() {
        if result.is_err() {
            continue;
        }
        match hot.write(write, &mut head) {
            Ok(Written::Yes) => {}
            // A close that is there already is done; a call that is, is another's.
            Ok(Written::Nothing) if write.must_be_kept() => {}
            Ok(Written::Nothing) => *result = Err(RecordsUnavailable::Refused),
            Err(error) => {
                hot.rollback();
                return Err((Some(row), error));
            }
        }
    }
    hot.commit().map_err(|error| {
        hot.rollback();
        (None, error)
    })?;
    Ok(head)
}

fn identity(config: &StoreConfig) -> Result<(u64, u64), Broken> {
    let found = fs::metadata(&config.path).map_err(|_| Broken::Moved)?;
    Ok((found.dev(), found.ino()))
}
