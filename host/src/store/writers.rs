//! The processes that write calls: one row and one audit chain for each start.

use super::{AgentId, Digest, Key, Store, StoreError, TenantId, Tx, audit};

/// The start of a process that writes calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Writer {
    /// Its number, and that of its audit chain. 1 for the first start.
    pub id: i64,
    /// Its chain continues after this link.
    pub link: Digest,
    /// Every key before it is smaller.
    pub first_key: Key,
    /// Calls of killed writers that may be pending have keys greater than this.
    pub sweep_after: Option<Key>,
}

/// Registers a start and opens its audit chain, linked to the last one.
pub async fn begin(tx: &mut Tx, at_us: i64) -> Result<Writer, StoreError> {
    let first_key: i64 = sqlx::query_scalar("SELECT coalesce(max(key), 0) FROM call_opened")
        .fetch_one(&mut **tx)
        .await?;
    let sweep_after: Option<i64> =
        sqlx::query_scalar("SELECT min(first_key) FROM writers WHERE ended_us IS NULL")
            .fetch_one(&mut **tx)
            .await?;
    let id: i64 = sqlx::query_scalar(
        "INSERT INTO writers (started_us, first_key) VALUES (?, ?) RETURNING id",
    )
    .bind(at_us)
    .bind(first_key)
    .fetch_one(&mut **tx)
    .await?;
    let previous_chain: Option<i64> =
        sqlx::query_scalar("SELECT max(chain) FROM audit_chains WHERE kind = 'writer'")
            .fetch_one(&mut **tx)
            .await?;
    let link = match previous_chain {
        Some(chain) => audit::head(tx, chain).await?.1,
        None => Digest::default(),
    };
    sqlx::query(
        "INSERT INTO audit_chains (chain, kind, started_us, previous_chain, previous_link)
         VALUES (?, 'writer', ?, ?, ?)",
    )
    .bind(id)
    .bind(at_us)
    .bind(previous_chain)
    .bind(link.0.as_slice())
    .execute(&mut **tx)
    .await?;
    Ok(Writer {
        id,
        link,
        first_key: Key(first_key),
        sweep_after: sweep_after.map(Key),
    })
}

/// Notes that nothing of the earlier writers is pending any more.
pub async fn end_earlier(tx: &mut Tx, writer: i64, at_us: i64) -> Result<(), StoreError> {
    sqlx::query("UPDATE writers SET ended_us = ? WHERE ended_us IS NULL AND id < ?")
        .bind(at_us)
        .bind(writer)
        .execute(&mut **tx)
        .await?;
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
}

/// The calls after this key that have no end, oldest first.
pub async fn pending(store: &Store, after: Key) -> Result<Vec<Pending>, StoreError> {
    Ok(sqlx::query_as(
        "SELECT o.key, o.router = 'policy' AS routed, o.tenant, o.agent, o.dispatched
         FROM call_opened o LEFT JOIN call_closed c ON c.key = o.key
         WHERE o.key > ? AND c.key IS NULL ORDER BY o.key",
    )
    .bind(after)
    .fetch_all(store.pool())
    .await?)
}
