//! Audit events as rows. What they say, and the arithmetic of the chain, is
//! `record::audit`'s.

use super::on::{On, run};
use super::{Digest, Store, StoreError, Tx};

/// The number of the control chain; every other belongs to a writer.
pub const CONTROL_CHAIN: i64 = 0;

/// Where PostgreSQL tells of events in the control chain.
pub(super) const CONTROL_CHANNEL: &str = "ainfera_control";

/// The bits of a row's id below its chain.
const SEQ_BITS: u32 = 40;

/// The id of the event at this place of this chain.
#[must_use]
pub const fn row_id(chain: i64, seq: i64) -> i64 {
    chain << SEQ_BITS | seq
}

/// The chain and the place of a row's id.
#[must_use]
pub const fn row_place(id: i64) -> (i64, i64) {
    (id >> SEQ_BITS, id & ((1 << SEQ_BITS) - 1))
}

/// An audit event as stored.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct AuditRow {
    /// Its chain.
    pub chain: i64,
    /// Its place in the chain, 1 for the first.
    pub seq: i64,
    /// Canonical JSON (RFC 8785).
    pub body: String,
    /// SHA-256 of the previous link and the SHA-256 of the body.
    #[sqlx(try_from = "Vec<u8>")]
    pub link: Digest,
}

/// An audit chain.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct AuditChain {
    /// Its number.
    pub chain: i64,
    /// `control` or `writer`.
    pub kind: String,
    /// Microseconds since the Unix epoch.
    pub started_us: i64,
    /// The chain that it continues.
    pub previous_chain: Option<i64>,
    /// The link that its first event continues from.
    #[sqlx(try_from = "Vec<u8>")]
    pub previous_link: Digest,
}

/// The place and link of the last event of a chain; the chain's beginning
/// where it has none.
pub async fn head(tx: &mut Tx, chain: i64) -> Result<(i64, Digest), StoreError> {
    let (seq, link): (i64, Vec<u8>) = run!(
        tx,
        fetch_optional,
        sqlx::query_as(
            "SELECT seq, link FROM (
             SELECT seq, link FROM audit_events WHERE id > $1 AND id < $2
             ORDER BY id DESC LIMIT 1) AS last
         UNION ALL SELECT 0, previous_link FROM audit_chains WHERE chain = $3
         ORDER BY seq DESC LIMIT 1",
        )
        .bind(row_id(chain, 0))
        .bind(row_id(chain + 1, 0))
        .bind(chain)
    )?
    .ok_or(StoreError::Missing {
        what: "audit chain",
    })?;
    let link = Digest::try_from(link).map_err(|_| StoreError::Unreadable {
        what: "audit link",
        why: "it is not 32 bytes long".to_owned(),
    })?;
    Ok((seq, link))
}

/// Adds an event. Of one in the control chain other processes are told, once it
/// is committed.
pub async fn insert(tx: &mut Tx, row: &AuditRow) -> Result<(), StoreError> {
    let sql = "INSERT INTO audit_log (id, body, link) VALUES ($1, $2, $3)";
    run!(
        tx,
        execute,
        sqlx::query(sql)
            .bind(row_id(row.chain, row.seq))
            .bind(&row.body)
            .bind(row.link.0.as_slice())
    )?;
    if row.chain == CONTROL_CHAIN
        && let On::Postgres(on) = tx.on()
    {
        sqlx::query("SELECT pg_notify($1, $2)")
            .bind(CONTROL_CHANNEL)
            .bind(row.seq.to_string())
            .execute(on)
            .await?;
    }
    Ok(())
}

/// The place of the last event of the control chain: it grows with every change
/// of what is controlled.
pub async fn control_head(store: &Store) -> Result<i64, StoreError> {
    let sql = "SELECT coalesce(max(id), 0) FROM audit_log WHERE id < $1";
    let below = row_id(CONTROL_CHAIN + 1, 0);
    let id: i64 = run!(store, fetch_one, sqlx::query_scalar(sql).bind(below))?;
    Ok(row_place(id).1)
}

/// Every chain, by number.
pub async fn chains(store: &Store) -> Result<Vec<AuditChain>, StoreError> {
    chains_at(&mut store.snapshot().await?).await
}

/// Every chain of a snapshot, by number.
pub async fn chains_at(tx: &mut Tx) -> Result<Vec<AuditChain>, StoreError> {
    let sql = "SELECT chain, kind, started_us, previous_chain, previous_link FROM audit_chains
               ORDER BY chain";
    Ok(run!(tx, fetch_all, sqlx::query_as(sql))?)
}

/// At most `limit` events of a chain after the place `after`, in their order.
pub async fn page(
    store: &Store,
    chain: i64,
    after: i64,
    limit: u32,
) -> Result<Vec<AuditRow>, StoreError> {
    let sql = "SELECT chain, seq, body, link FROM audit_events WHERE id > $1 AND id < $2 ORDER BY id LIMIT $3";
    Ok(run!(
        store,
        fetch_all,
        sqlx::query_as(sql)
            .bind(row_id(chain, after))
            .bind(row_id(chain + 1, 0))
            .bind(i64::from(limit))
    )?)
}

/// At most `limit` events of one chain, in their order: those next to the row
/// `id`, before or after it. Of the chains that have any, it is the nearest.
pub async fn beside(
    store: &Store,
    id: i64,
    after: bool,
    limit: u32,
) -> Result<Vec<AuditRow>, StoreError> {
    let sql = if after {
        "SELECT chain, seq, body, link FROM audit_events WHERE id > $1 AND id <
             (SELECT (id >> 40) + 1 << 40 FROM audit_log WHERE id > $1 ORDER BY id LIMIT 1)
         ORDER BY id LIMIT $2"
    } else {
        "SELECT chain, seq, body, link FROM audit_events WHERE id < $1 AND id >=
             (SELECT id >> 40 << 40 FROM audit_log WHERE id < $1 ORDER BY id DESC LIMIT 1)
         ORDER BY id DESC LIMIT $2"
    };
    let mut rows: Vec<AuditRow> = run!(
        store,
        fetch_all,
        sqlx::query_as(sql).bind(id).bind(i64::from(limit))
    )?;
    if !after {
        rows.reverse();
    }
    Ok(rows)
}

/// The link that the event at this place continues from; none where what was
/// before it is gone.
pub async fn link_before(
    store: &Store,
    chain: i64,
    seq: i64,
) -> Result<Option<Digest>, StoreError> {
    let sql = if seq > 1 {
        "SELECT link FROM audit_log WHERE id = $1"
    } else {
        "SELECT previous_link FROM audit_chains WHERE chain = $1"
    };
    let place = if seq > 1 {
        row_id(chain, seq - 1)
    } else {
        chain
    };
    let link: Option<Vec<u8>> = run!(store, fetch_optional, sqlx::query_scalar(sql).bind(place))?;
    Ok(link.and_then(|link| Digest::try_from(link).ok()))
}

/// An event of which nothing is believed: whatever a row holds can be read.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct StoredEvent {
    /// Its place among all.
    pub id: i64,
    /// What should be canonical JSON.
    pub body: Vec<u8>,
    /// What should be a SHA-256 digest.
    pub link: Vec<u8>,
}

/// At most `limit` events of a snapshot after the row `after`, of all chains, in
/// their order.
pub async fn stored(tx: &mut Tx, after: i64, limit: u32) -> Result<Vec<StoredEvent>, StoreError> {
    let sql = match tx.on() {
        On::Sqlite(_) => {
            "SELECT id, CAST(body AS BLOB) AS body, CAST(link AS BLOB) AS link
             FROM audit_log WHERE id > $1 ORDER BY id LIMIT $2"
        }
        On::Postgres(_) => {
            "SELECT id, convert_to(body, 'UTF8') AS body, link
             FROM audit_log WHERE id > $1 ORDER BY id LIMIT $2"
        }
    };
    Ok(run!(
        tx,
        fetch_all,
        sqlx::query_as(sql).bind(after).bind(i64::from(limit))
    )?)
}

/// At most `limit` events of this name in a chain, the latest first. It reads
/// the whole chain where they are few: for the control chain.
pub async fn named(
    store: &Store,
    chain: i64,
    event: &str,
    limit: u32,
) -> Result<Vec<AuditRow>, StoreError> {
    let sql = "SELECT chain, seq, body, link FROM audit_events
               WHERE id > $1 AND id < $2 AND event = $3 ORDER BY id DESC LIMIT $4";
    Ok(run!(
        store,
        fetch_all,
        sqlx::query_as(sql)
            .bind(row_id(chain, 0))
            .bind(row_id(chain + 1, 0))
            .bind(event)
            .bind(i64::from(limit))
    )?)
}
