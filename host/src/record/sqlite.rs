//! The hot connection: its statements, prepared once, and its transactions.

use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension as _, Statement};

use super::audit::Head;
use super::message::{Rows, Write};
use super::rows::{self, bind_closed, bind_event, bind_opened};
use crate::store::audit::row_id;
use crate::store::{Digest, Key, StoreConfig};

/// How long a commit waits for another's write lock, at most: longer, and it is
/// better to refuse calls.
const BUSY: Duration = Duration::from_secs(1);

/// Opens a connection of the writer's own, beside those of the store.
pub(super) fn connect(config: &StoreConfig) -> rusqlite::Result<Connection> {
    // It must exist: a file that was removed is not silently begun anew.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(&config.path, flags)?;
    connection.busy_timeout(config.busy_timeout.min(BUSY))?;
    connection.pragma_update(None, "synchronous", config.durability.synchronous())?;
    // Checkpoints are made elsewhere: on the commit path one stalls 10–20 ms.
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.pragma_update(None, "foreign_keys", false)?;
    Ok(connection)
}

/// What became of a write within its transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// Its rows and its event are there.
    Yes,
    /// Its row was there before, or what it belongs to is not there.
    Nothing,
}

/// The statements of one connection.
pub(super) struct Hot<'c> {
    begin: Statement<'c>,
    commit: Statement<'c>,
    rollback: Statement<'c>,
    opened: Statement<'c>,
    closed: Statement<'c>,
    event: Statement<'c>,
    is_open: Statement<'c>,
    head: Statement<'c>,
    touch: Statement<'c>,
    chain: i64,
}

impl<'c> Hot<'c> {
    pub(super) fn prepare(connection: &'c Connection, chain: i64) -> rusqlite::Result<Self> {
        let prepare = |sql| connection.prepare(sql);
        Ok(Self {
            begin: prepare("BEGIN IMMEDIATE")?,
            commit: prepare("COMMIT")?,
            rollback: prepare("ROLLBACK")?,
            opened: prepare(rows::OPENED)?,
            closed: prepare(rows::CLOSED)?,
            event: prepare(rows::EVENT)?,
            is_open: prepare("SELECT 1 FROM call_opened WHERE key = ?")?,
            head: prepare(
                "SELECT seq, link FROM (
                     SELECT seq, link FROM audit_events WHERE id > ?2 AND id < ?3
                     ORDER BY id DESC LIMIT 1)
                 UNION ALL SELECT 0, previous_link FROM audit_chains WHERE chain = ?1
                 ORDER BY seq DESC LIMIT 1",
            )?,
            touch: prepare("UPDATE writers SET ended_us = ?2 WHERE id = ?1")?,
            chain,
        })
    }

    /// The end of the writer's chain as the database has it.
    pub(super) fn head(&mut self) -> rusqlite::Result<Head> {
        let range = (self.chain, row_id(self.chain, 0), row_id(self.chain + 1, 0));
        self.head.query_row(range, |row| {
            Ok(Head {
                seq: row.get(0)?,
                link: Digest(row.get(1)?),
            })
        })
    }

    pub(super) fn begin(&mut self) -> rusqlite::Result<()> {
        self.begin.raw_execute().map(drop)
    }

    pub(super) fn commit(&mut self) -> rusqlite::Result<()> {
        self.commit.raw_execute().map(drop)
    }

    /// Best effort: after some errors there is no transaction left.
    pub(super) fn rollback(&mut self) {
        let _ = self.rollback.raw_execute();
    }

    /// Inserts a write's rows and its event after `head`, which moves with it.
    pub(super) fn write(&mut self, write: &Write, head: &mut Head) -> rusqlite::Result<Written> {
        let new = match &write.rows {
            Rows::Opened(opened) => {
                bind_opened(&mut self.opened, opened)?;
                self.opened.raw_execute()? > 0
            }
            Rows::Refused(opened, closed) => {
                bind_opened(&mut self.opened, opened)?;
                self.opened.raw_execute()? > 0 && self.close(opened.key, closed)?
            }
            Rows::Closed { key, closed, sure } => {
                (*sure || self.is_open(*key)?) && self.close(*key, closed)?
            }
        };
        if !new {
            return Ok(Written::Nothing);
        }
        let next = head.after(write.event.digest);
        bind_event(&mut self.event, self.chain, &next, &write.event)?;
        self.event.raw_execute()?;
        *head = next;
        Ok(Written::Yes)
    }

    /// Writes the writer's own row: that it runs, or when it ended. Also the
    /// proof that the database takes writes.
    pub(super) fn touch(&mut self, ended_us: Option<i64>) -> rusqlite::Result<()> {
        self.touch.execute((self.chain, ended_us)).map(drop)
    }

    fn close(&mut self, key: Key, closed: &super::Closed) -> rusqlite::Result<bool> {
        bind_closed(&mut self.closed, key, closed)?;
        Ok(self.closed.raw_execute()? > 0)
    }

    fn is_open(&mut self, key: Key) -> rusqlite::Result<bool> {
        let found: Option<i64> = self
            .is_open
            .query_row([key.0], |row| row.get(0))
            .optional()?;
        Ok(found.is_some())
    }
}

/// Whether an error is about the row, so that the others of its transaction
/// can still be committed, and not about the database.
pub(super) fn is_of_the_row(error: &rusqlite::Error) -> bool {
    match error {
        rusqlite::Error::SqliteFailure(failure, _) => matches!(
            failure.code,
            ErrorCode::ConstraintViolation
                | ErrorCode::TypeMismatch
                | ErrorCode::TooBig
                | ErrorCode::ParameterOutOfRange
        ),
        rusqlite::Error::ToSqlConversionFailure(_) | rusqlite::Error::NulError(_) => true,
        _ => false,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// Runs statements until one fails.
    fn failure(sql: &str) -> rusqlite::Error {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT NOT NULL) STRICT")
            .unwrap();
        connection
            .execute_batch("PRAGMA max_page_count = 3")
            .unwrap();
        connection.execute_batch(sql).unwrap_err()
    }

    #[test]
    fn a_row_is_told_from_the_database() {
        for sql in [
            "INSERT INTO t VALUES (1, NULL)",
            "INSERT INTO t VALUES (1, 'a'), (1, 'b')",
            "INSERT INTO t VALUES ('x', 'a')",
            "INSERT INTO t VALUES (1, zeroblob(2000000000))",
        ] {
            assert!(is_of_the_row(&failure(sql)), "{sql}");
        }
        let full = failure("INSERT INTO t VALUES (1, hex(zeroblob(100000)))");
        assert_eq!(full.sqlite_error_code(), Some(ErrorCode::DiskFull));
        assert!(!is_of_the_row(&full));
        assert!(!is_of_the_row(&failure("SELECT * FROM nothing")));
    }
}
