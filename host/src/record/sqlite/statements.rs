//! The statements of the hot connection, prepared once.

use rusqlite::{Connection, ErrorCode, OptionalExtension as _, Statement};

use super::claims::Claims;
use super::money::Money;
use super::rows::{bind, insert};
use crate::record::audit::{Head, Prepared};
use crate::record::closed::Closed;
use crate::record::ledger::Book;
use crate::record::message::{Batch, Rows, Write};
use crate::record::opened::{CallRef, Opened};
use crate::record::rows;
use crate::store::audit::row_id;
use crate::store::{Digest, Key};

/// What became of a write within its transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// Its rows and its event are there.
    Yes,
    /// Its row was there before, or what it belongs to is not there.
    Nothing,
    /// Another call has its idempotency key.
    Claimed,
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
    claims: Claims<'c>,
    money: Money<'c>,
    chain: i64,
}

impl<'c> Hot<'c> {
    pub(super) fn prepare(connection: &'c Connection, chain: i64) -> rusqlite::Result<Self> {
        let prepare = |sql| connection.prepare(sql);
        let insert = |table| connection.prepare(&insert(table));
        Ok(Self {
            begin: prepare("BEGIN IMMEDIATE")?,
            commit: prepare("COMMIT")?,
            rollback: prepare("ROLLBACK")?,
            opened: insert(&rows::OPENED)?,
            closed: insert(&rows::CLOSED)?,
            event: insert(&rows::EVENT)?,
            is_open: prepare("SELECT 1 FROM call_opened WHERE key = ?")?,
            head: prepare(
                "SELECT seq, link FROM (
                     SELECT seq, link FROM audit_events WHERE id > ?2 AND id < ?3
                     ORDER BY id DESC LIMIT 1)
                 UNION ALL SELECT 0, previous_link FROM audit_chains WHERE chain = ?1
                 ORDER BY seq DESC LIMIT 1",
            )?,
            touch: prepare("UPDATE writers SET ended_us = ?2 WHERE id = ?1")?,
            claims: Claims::prepare(connection)?,
            money: Money::prepare(connection)?,
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

    /// What the batch's calls are held against, as far as something limits them.
    pub(super) fn book(&mut self, batch: &Batch) -> rusqlite::Result<Book> {
        self.money.read(batch)
    }

    /// Writes what the batch changed of accounts and days.
    pub(super) fn balance(&mut self, book: &Book) -> rusqlite::Result<()> {
        self.money.write(book)
    }

    /// Inserts a write's rows and its event after `head`, which moves with it,
    /// and moves the money in `book`. What opens a call that there is no money
    /// for becomes its refusal.
    pub(super) fn write(
        &mut self,
        write: &mut Write,
        head: &mut Head,
        book: &mut Book,
    ) -> rusqlite::Result<Written> {
        if let Rows::Opened(opened) = &write.rows {
            if let Some(claim) = &opened.claim
                && !self.claims.take(claim, opened.key, opened.at_us)?
            {
                return Ok(Written::Claimed);
            }
            if let Err(short) = book.check(opened) {
                self.claims.free(opened.key, opened.claim.is_some())?;
                write.decline(short);
            }
        }
        let new = match &write.rows {
            Rows::Opened(opened) => {
                let new = self.open(opened)?;
                if new {
                    book.hold(&CallRef::of(opened));
                }
                new
            }
            Rows::Refused(opened, closed) => {
                self.open(opened)? && self.close(opened.key, closed)?
            }
            Rows::Closed { call, closed, sure } => {
                let new = (*sure || self.is_open(call.key)?) && self.close(call.key, closed)?;
                if new {
                    book.settle(call, closed.charged_nanousd);
                    match &closed.kept {
                        Some(kept) => self.claims.keep(call.key, kept)?,
                        None => self.claims.free(call.key, call.claims)?,
                    }
                }
                new
            }
        };
        if !new {
            return Ok(Written::Nothing);
        }
        self.append(&write.event, head)?;
        Ok(Written::Yes)
    }

    fn append(&mut self, event: &Prepared, head: &mut Head) -> rusqlite::Result<()> {
        let next = head.after(event.digest);
        rows::event(self.chain, &next, event, bind(&mut self.event))?;
        self.event.raw_execute()?;
        *head = next;
        Ok(())
    }

    /// Writes the writer's own row: that it runs, or when it ended. Also the
    /// proof that the database takes writes.
    pub(super) fn touch(&mut self, ended_us: Option<i64>) -> rusqlite::Result<()> {
        self.touch.execute((self.chain, ended_us)).map(drop)
    }

    fn open(&mut self, opened: &Opened) -> rusqlite::Result<bool> {
        rows::opened(opened, bind(&mut self.opened))?;
        Ok(self.opened.raw_execute()? > 0)
    }

    fn close(&mut self, key: Key, closed: &Closed) -> rusqlite::Result<bool> {
        rows::closed(key, closed, bind(&mut self.closed))?;
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
