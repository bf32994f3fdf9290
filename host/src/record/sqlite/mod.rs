//! The hot connection to SQLite, which the writer's thread has to itself.

mod busy;
mod checkpoint;
mod claims;
mod money;
mod rows;
mod statements;

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use checkpoint::Checkpoints;
use statements::{Hot, Written, is_of_the_row};

use super::audit::Head;
use super::committer::Database;
use super::message::Batch;
use super::session::{Broken, Failed, Session};
use super::{NotOpened, RecordsUnavailable};
use crate::store::StoreConfig;

/// Opens a connection of the writer's own, beside those of the store.
fn connect(config: &StoreConfig, file: &Path) -> rusqlite::Result<Connection> {
    // It must exist: a file that was removed is not silently begun anew.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    busy::wait(&connection, config.busy_timeout)?;
    connection.pragma_update(None, "synchronous", config.durability.synchronous())?;
    // Checkpoints are made elsewhere: on the commit path one stalls 10–20 ms.
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.pragma_update(None, "foreign_keys", false)?;
    Ok(connection)
}

/// The database file, for as many connections as it takes.
pub(super) struct Sqlite {
    config: StoreConfig,
    path: PathBuf,
    /// The number of the writer, and of its audit chain.
    chain: i64,
    checkpoints: Checkpoints,
}

impl Sqlite {
    /// For the writer of this number; starts the thread of its checkpoints.
    ///
    /// # Errors
    /// If there is no thread to be had.
    pub(super) fn new(config: &StoreConfig, path: &Path, chain: i64) -> std::io::Result<Self> {
        Ok(Self {
            config: config.clone(),
            path: path.to_owned(),
            chain,
            checkpoints: Checkpoints::start(config.clone(), path.to_owned())?,
        })
    }
}

impl Database for Sqlite {
    fn with(
        &mut self,
        serve: &mut dyn FnMut(&mut dyn Session) -> Result<(), Broken>,
    ) -> Result<(), Broken> {
        let connection = connect(&self.config, &self.path)?;
        let mut hot = Hot::prepare(&connection, self.chain)?;
        let head = hot.head()?;
        let file = identity(&self.path)?;
        serve(&mut Open {
            path: &self.path,
            connection: &connection,
            checkpoints: &mut self.checkpoints,
            hot,
            head,
            file,
        })
    }
}

/// One connection that has not failed yet.
struct Open<'c> {
    path: &'c Path,
    connection: &'c Connection,
    checkpoints: &'c mut Checkpoints,
    hot: Hot<'c>,
    head: Head,
    /// Device and inode, to notice that the file is not the one at the path any more.
    file: (u64, u64),
}

impl Session for Open<'_> {
    fn commit(&mut self, batch: &mut Batch) -> Result<(), Failed> {
        let moved = identity(self.path).map_or(true, |file| file != self.file);
        if moved {
            return Err(Failed::Database(Broken::Moved));
        }
        self.hot.begin().map_err(of_the_database)?;
        let head = self.write(batch).inspect_err(|_| self.hot.rollback())?;
        if let Err(error) = self.hot.commit() {
            self.hot.rollback();
            return Err(Failed::InDoubt(error.into()));
        }
        self.head = head;
        for (write, result) in batch.writes.iter().zip(&mut batch.results) {
            if result.is_ok() {
                *result = write.verdict();
            }
        }
        self.checkpoints
            .committed(batch.writes.len(), self.connection);
        Ok(())
    }

    fn touch(&mut self, ended_us: Option<i64>) -> Result<(), Broken> {
        Ok(self.hot.touch(ended_us)?)
    }

    fn heartbeat(&self) -> Option<Duration> {
        None
    }
}

impl Open<'_> {
    /// Writes all rows that were not refused before. Answers the head after them.
    fn write(&mut self, batch: &mut Batch) -> Result<Head, Failed> {
        let mut book = self.hot.book(batch).map_err(of_the_database)?;
        let mut head = self.head;
        let Batch {
            writes, results, ..
        } = batch;
        for (row, (write, result)) in writes.iter_mut().zip(results).enumerate() {
            if result.is_err() {
                continue;
            }
            match self.hot.write(write, &mut head, &mut book) {
                Ok(Written::Yes) => {}
                Ok(Written::Claimed) => *result = Err(NotOpened::Claimed),
                // A close that is there already is done; a call that is, is another's.
                Ok(Written::Nothing) if write.must_be_kept() => {}
                Ok(Written::Nothing) => *result = Err(RecordsUnavailable::Refused.into()),
                Err(error) if is_of_the_row(&error) => {
                    return Err(Failed::Row(row, error.into()));
                }
                Err(error) => return Err(of_the_database(error)),
            }
        }
        self.hot.balance(&book).map_err(of_the_database)?;
        Ok(head)
    }
}

fn of_the_database(error: rusqlite::Error) -> Failed {
    Failed::Database(error.into())
}

fn identity(path: &Path) -> Result<(u64, u64), Broken> {
    let found = fs::metadata(path).map_err(|_| Broken::Moved)?;
    Ok((found.dev(), found.ino()))
}
