//! The writer's thread: commits batches, and outlasts a database that is gone.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedSender;

use super::handoff::{NoBatch, Taker};
use super::message::{Batch, Rows, Write};
use super::opened::CallRef;
use super::session::{Broken, Failed, Session};
use super::shared::Shared;
use super::{NotOpened, RecordsUnavailable};
use crate::store::now_us;

/// How long to wait before a database that failed is tried again.
const RETRY: Duration = Duration::from_millis(100);

/// How many kept closes are committed at once when it is back.
const CATCH_UP: usize = 512;

/// Makes connections, and lets them be served.
pub(super) trait Database: Send + 'static {
    /// Connects, and gives the connection to `serve` until that ends.
    ///
    /// # Errors
    /// Why there is no connection, or what `serve` answered.
    fn with(
        &mut self,
        serve: &mut dyn FnMut(&mut dyn Session) -> Result<(), Broken>,
    ) -> Result<(), Broken>;
}

pub(super) struct Committer {
    pub(super) shared: Arc<Shared>,
    pub(super) batches: Taker,
    pub(super) done: UnboundedSender<Batch>,
    /// Closes of calls that were made while, or before, the database failed.
    pub(super) kept: VecDeque<Write>,
}

impl Committer {
    /// Commits until the last batch, through as many connections as it takes.
    pub(super) fn run(mut self, mut database: impl Database) {
        loop {
            match database.with(&mut |session| self.connected(session)) {
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
    fn connected(&mut self, session: &mut dyn Session) -> Result<(), Broken> {
        self.catch_up(session)?;
        if self.shared.recover() {
            tracing::info!("records available again");
        }
        loop {
            let until = session.heartbeat().map(|silence| Instant::now() + silence);
            let mut batch = match self.batches.take(until) {
                Ok(batch) => batch,
                Err(NoBatch::Timeout) => {
                    session.touch(None)?;
                    continue;
                }
                Err(NoBatch::Closed) => break,
            };
            let last = batch.last;
            let mut done = self.commit(session, &mut batch);
            if let Err(error) = &done {
                // First: whoever is answered below may look.
                self.failed(error);
                self.keep(&mut batch);
            } else if last && self.shared.pending() == 0 {
                done = session.touch(Some(now_us()));
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
    fn catch_up(&mut self, session: &mut dyn Session) -> Result<(), Broken> {
        session.touch(None)?;
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
    fn commit(&mut self, session: &mut dyn Session, batch: &mut Batch) -> Result<(), Broken> {
        batch.results.clear();
        batch.results.resize(batch.writes.len(), Ok(()));
        if batch.writes.is_empty() {
            return Ok(());
        }
        let began = Instant::now();
        // Each round commits, or finds one more bad row.
        loop {
            match session.commit(batch) {
                Ok(()) => {
                    self.shared.committed(batch);
                    let metrics = &self.shared.metrics;
                    metrics.commit.observe_time(began.elapsed());
                    metrics.commit_writes.observe(batch.writes.len() as u64);
                    return Ok(());
                }
                Err(Failed::Row(row, error)) => {
                    if let (Some(write), Some(result)) =
                        (batch.writes.get(row), batch.results.get_mut(row))
                    {
                        tracing::error!(request = write.key().request_id(), %error, "the database refused a record");
                        *result = Err(RecordsUnavailable::Refused.into());
                    }
                }
                Err(Failed::Database(error)) => return Err(error),
                Err(Failed::InDoubt(error)) => {
                    self.doubt(batch);
                    return Err(error);
                }
            }
        }
    }

    /// Calls that may have been opened, although their callers are told that
    /// they were not, are closed where the database turns out to have them.
    fn doubt(&mut self, batch: &Batch) {
        for (write, result) in batch.writes.iter().zip(&batch.results) {
            if let (Rows::Opened(opened), Ok(())) = (&write.rows, result) {
                let undone = Write::undone(CallRef::of(opened));
                self.kept.push_back(undone);
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
            write.answer(Err(NotOpened::Unavailable(RecordsUnavailable::Database)));
            if write.must_be_kept() {
                self.kept.push_back(write);
            }
        }
        self.shared.kept(self.kept.len());
    }
}
