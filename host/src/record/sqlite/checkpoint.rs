//! Checkpoints, off the commit path: a thread that moves what is committed from
//! the write-ahead log into the database file.

use std::fs::File;
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use rusqlite::Connection;

use super::connect;
use crate::store::StoreConfig;

/// Checkpoints are this far apart, in bytes of the log. Each waits for the disk
/// a few times, which commits then feel; a longer log costs memory, and time at
/// the next start.
const INTERVAL: usize = 128 << 20;

/// About what a commit, and each write in it, adds to the log.
const COMMIT_BYTES: usize = 8 << 10;
const WRITE_BYTES: usize = 1_500;

/// Where little is written, as by the admin API.
const AT_LEAST: Duration = Duration::from_secs(60);

/// A log longer than this (in pages of 4 KiB) is begun anew: then the system
/// writes over pages that it has in memory, which halves the cost of a commit.
const LOG_PAGES: i64 = 16_384;

/// So few pages the writer copies itself, between two commits.
const REST: i64 = 512;

/// How often to go after what is written meanwhile, before leaving it.
const PASSES: usize = 8;

/// The writer's side.
pub(super) struct Checkpoints {
    wake: SyncSender<()>,
    /// Bytes since the last wake.
    written: usize,
    /// Asks the writer to copy the rest itself: only when all is copied, and
    /// nobody writes, can the log begin anew.
    finish: Arc<AtomicBool>,
}

impl Checkpoints {
    /// Starts the thread. It ends with the writer.
    pub(super) fn start(config: StoreConfig, path: PathBuf) -> std::io::Result<Self> {
        // Never closed: the close of any descriptor of a file drops the locks
        // (fcntl) of the whole process on it, and so SQLite's.
        let file = ManuallyDrop::new(File::open(&path)?);
        let (wake, woken) = sync_channel(1);
        let finish = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&finish);
        thread::Builder::new()
            .name("checkpoint".to_owned())
            .spawn(move || run(&config, &path, &file, &woken, &asked))?;
        Ok(Self {
            wake,
            written: 0,
            finish,
        })
    }

    /// After a commit of this many writes.
    pub(super) fn committed(&mut self, writes: usize, connection: &Connection) {
        self.written += COMMIT_BYTES + writes * WRITE_BYTES;
        if self.written >= INTERVAL {
            self.written = 0;
            // Full: it is awake already.
            let _ = self.wake.try_send(());
        }
        if self.finish.load(Ordering::Relaxed) {
            report(&checkpoint(connection));
            self.finish.store(false, Ordering::Relaxed);
        }
    }
}

fn run(config: &StoreConfig, path: &Path, file: &File, woken: &Receiver<()>, finish: &AtomicBool) {
    while let Ok(()) | Err(RecvTimeoutError::Timeout) = woken.recv_timeout(AT_LEAST) {
        if finish.load(Ordering::Relaxed) {
            // The writer has yet to do it, and only one at a time can.
            continue;
        }
        // A new connection each time, as the writer's may be new.
        let log = connect(config, path).and_then(|connection| catch_up(&connection, file));
        report(&log);
        if log.is_ok_and(|pages| pages > LOG_PAGES) {
            finish.store(true, Ordering::Relaxed);
        }
    }
}

/// Copies what is in the log and, where that is much, what is written
/// meanwhile, until little is left. Answers the pages in the log.
fn catch_up(connection: &Connection, file: &File) -> rusqlite::Result<i64> {
    let mut log = checkpoint(connection)?;
    for _ in 0..PASSES {
        if log <= LOG_PAGES {
            break;
        }
        // SQLite waits for the disk when all is copied: in the writer's turn.
        // That is short if most has reached the disk by then. An error here
        // would be met again, and reported, there.
        let _ = file.sync_data();
        let longer = checkpoint(connection)?;
        let new = longer - log;
        log = longer;
        if new < REST {
            break;
        }
    }
    Ok(log)
}

/// Copies what can be copied without waiting for anybody. Answers the pages in
/// the log.
fn checkpoint(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get(1))
}

fn report(log: &rusqlite::Result<i64>) {
    match log {
        Ok(pages) => tracing::debug!(pages, "checkpoint"),
        Err(error) => {
            tracing::warn!(%error, "checkpoint failed; the write-ahead log grows until one succeeds");
        }
    }
}
