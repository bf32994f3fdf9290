//! The idempotency keys that calls take, keep an answer under, or give back.

use rusqlite::{Connection, Statement};

use crate::record::claim::{Claim, Kept};
use crate::store::Key;

/// The statements.
pub(super) struct Claims<'c> {
    take: Statement<'c>,
    keep: Statement<'c>,
    free: Statement<'c>,
}

impl<'c> Claims<'c> {
    pub(super) fn prepare(connection: &'c Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            // One whose time is over is taken over.
            take: connection.prepare(
                "INSERT INTO idempotency_keys (scope, body, call, expires_us)
                 VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (scope) DO UPDATE SET body = ?2, call = ?3, expires_us = ?4,
                     head = NULL, answer = NULL
                 WHERE idempotency_keys.expires_us <= ?5",
            )?,
            keep: connection
                .prepare("UPDATE idempotency_keys SET head = ?2, answer = ?3 WHERE call = ?1")?,
            free: connection.prepare("DELETE FROM idempotency_keys WHERE call = ?1")?,
        })
    }

    /// Takes a key for a call, if no other has it.
    pub(super) fn take(&mut self, claim: &Claim, call: Key, now_us: i64) -> rusqlite::Result<bool> {
        let (scope, body) = (claim.scope.0.as_slice(), claim.body.0.as_slice());
        let taken = self
            .take
            .execute((scope, body, call.0, claim.expires_us, now_us))?;
        Ok(taken > 0)
    }

    /// Keeps the answer of a call.
    pub(super) fn keep(&mut self, call: Key, kept: &Kept) -> rusqlite::Result<()> {
        let answer = (call.0, kept.head.as_str(), &kept.body[..]);
        self.keep.execute(answer).map(drop)
    }

    /// Gives the key of a call back, where it may have one.
    pub(super) fn free(&mut self, call: Key, may: bool) -> rusqlite::Result<()> {
        if may {
            self.free.execute([call.0])?;
        }
        Ok(())
    }
}
