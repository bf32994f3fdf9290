//! The processes that write calls: one row and one audit chain for each start.
//!
//! A file has one writer at a time. On a server each writer has a lease: it
//! says ever again that it is there ([`beat`]), and where it does not, another
//! one takes its pending calls over ([`expire`], [`pending`], [`end`]).

use std::time::Duration;

use super::on::run;
use super::{AgentId, Digest, Key, Store, StoreError, TenantId, Tx, audit};

/// How many numbers a key can tell apart: writers that are there at the same
/// time differ in the last bits of their numbers.
const TOLD_APART: i64 = 1 << 10;

/// The start of a process that writes calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Writer {
    /// Its number, and that of its audit chain. 1 for the first start.
    pub id: i64,
    /// Its chain continues after this link.
    pub link: Digest,
    /// Every key before it is smaller.
    pub first_key: Key,
}

/// Registers a start and opens its audit chain. Each chain is continued by one:
/// this one continues the latest that is over and has no other yet.
pub async fn begin(tx: &mut Tx, at_us: i64) -> Result<Writer, StoreError> {
    let first_key = "SELECT coalesce(max(key), 0) FROM call_opened";
    let first_key: Key = run!(tx, fetch_one, sqlx::query_scalar(first_key))?;
    let id = free_number(tx).await?;
    run!(
        tx,
        execute,
        sqlx::query(
            "INSERT INTO writers (id, started_us, first_key, seen_us)
             VALUES ($1, $2, $3, (SELECT us FROM clock))"
        )
        .bind(id)
        .bind(at_us)
        .bind(first_key)
    )?;
    let over = "SELECT max(c.chain) FROM audit_chains c JOIN writers w ON w.id = c.chain
                WHERE (w.ended_us IS NOT NULL OR w.expired_us IS NOT NULL) AND NOT EXISTS
                    (SELECT 1 FROM audit_chains n WHERE n.previous_chain = c.chain)";
    let previous_chain: Option<i64> = run!(tx, fetch_one, sqlx::query_scalar(over))?;
    let link = match previous_chain {
        Some(chain) => audit::head(tx, chain).await?.1,
        None => Digest::default(),
    };
    run!(
        tx,
        execute,
        sqlx::query(
            "INSERT INTO audit_chains (chain, kind, started_us, previous_chain, previous_link)
             VALUES ($1, 'writer', $2, $3, $4)",
        )
        .bind(id)
        .bind(at_us)
        .bind(previous_chain)
        .bind(link.0.as_slice())
    )?;
    Ok(Writer {
        id,
        link,
        first_key,
    })
}

/// The next number whose keys are told from those of every writer that has not
/// ended.
async fn free_number(tx: &mut Tx) -> Result<i64, StoreError> {
    let last = "SELECT coalesce(max(id), 0) FROM writers";
    let last: i64 = run!(tx, fetch_one, sqlx::query_scalar(last))?;
    let there = "SELECT id FROM writers WHERE ended_us IS NULL";
    let there: Vec<i64> = run!(tx, fetch_all, sqlx::query_scalar(there))?;
    (last + 1..=last + TOLD_APART)
        .find(|next| there.iter().all(|id| (next - id) % TOLD_APART != 0))
        .ok_or(StoreError::TooMany {
            what: "gateways write to this database",
            most: TOLD_APART,
        })
}

/// Says that the writer is there. False if it was taken for dead, or has ended:
/// then it may write nothing more, as others have its calls.
pub async fn beat(store: &Store, writer: i64) -> Result<bool, StoreError> {
    let sql = "UPDATE writers SET seen_us = (SELECT us FROM clock)
               WHERE id = $1 AND ended_us IS NULL AND expired_us IS NULL";
    Ok(run!(store, execute, sqlx::query(sql).bind(writer))? == 1)
}

/// A writer that may have left calls without an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, sqlx::FromRow)]
pub struct Dead {
    /// Its number.
    pub id: i64,
    /// Its calls have greater keys.
    pub first_key: Key,
}

/// Every writer that was not seen for the time of a lease, or where there are
/// no leases every one that has not ended, the first one first. From the commit
/// on it may write nothing more: whoever asks is to close its pending calls, and
/// then to [`end`] it. Two who ask at once get the same.
pub async fn expire(
    tx: &mut Tx,
    but: Option<i64>,
    lease: Option<Duration>,
) -> Result<Vec<Dead>, StoreError> {
    let sql = "UPDATE writers SET expired_us = coalesce(expired_us, (SELECT us FROM clock))
               WHERE ended_us IS NULL AND ($1 IS NULL OR id <> $1)
                   AND (expired_us IS NOT NULL OR $2 IS NULL
                        OR coalesce(seen_us, 0) < (SELECT us FROM clock) - $2)
               RETURNING id, first_key";
    let lease = lease.map(|lease| i64::try_from(lease.as_micros()).unwrap_or(i64::MAX));
    let mut dead: Vec<Dead> = run!(tx, fetch_all, sqlx::query_as(sql).bind(but).bind(lease))?;
    dead.sort_unstable();
    Ok(dead)
}

/// Notes that nothing of the writer is pending any more.
pub async fn end(tx: &mut Tx, writer: i64, at_us: i64) -> Result<(), StoreError> {
    let sql = "UPDATE writers SET ended_us = $2 WHERE id = $1 AND ended_us IS NULL";
    run!(tx, execute, sqlx::query(sql).bind(writer).bind(at_us))?;
    Ok(())
}

/// A call that has no end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Pending {
    /// Its key.
    pub key: Key,
    /// Whether it was routed; otherwise pinned.
    pub routed: bool,
    /// Whose agent called.
    pub tenant: TenantId,
    /// Which agent called.
    pub agent: AgentId,
    /// Whether a provider may have been called.
    pub dispatched: bool,
    /// When it was admitted; microseconds since the Unix epoch.
    pub at_us: i64,
    /// What is held for it, in 1e-9 USD.
    pub hold_nanousd: Option<i64>,
}

/// The calls of this writer that have no end, oldest first. Of a living one
/// they are those that run.
pub async fn pending(store: &Store, writer: Dead) -> Result<Vec<Pending>, StoreError> {
    // A key holds the last bits of its writer's number; later writers with the
    // same have greater keys, and are there only after this one has ended.
    let sql = "SELECT o.key, o.router = 'policy' AS routed, o.tenant, o.agent, o.dispatched,
                   o.at_us, o.hold_nanousd
               FROM call_opened o LEFT JOIN call_closed c ON c.key = o.key
               WHERE o.key > $1 AND ((o.key >> 12) & 1023) = $2 AND c.key IS NULL
               ORDER BY o.key";
    Ok(run!(
        store,
        fetch_all,
        sqlx::query_as(sql)
            .bind(writer.first_key)
            .bind(writer.id % TOLD_APART)
    )?)
}
