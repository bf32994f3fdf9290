//! Signed statements of where the audit chains ended. What they say is
//! `audit::checkpoint`'s.

use super::on::run;
use super::{StoreError, Tx};

/// A checkpoint as stored.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct CheckpointRow {
    /// 1 for the first; without a gap.
    pub number: i64,
    /// JSON: a DSSE envelope.
    pub envelope: String,
}

/// The latest one.
pub async fn latest(tx: &mut Tx) -> Result<Option<CheckpointRow>, StoreError> {
    let sql = "SELECT number, envelope FROM audit_checkpoints ORDER BY number DESC LIMIT 1";
    Ok(run!(tx, fetch_optional, sqlx::query_as(sql))?)
}

/// Keeps a checkpoint that was made at this time.
pub async fn insert(tx: &mut Tx, row: &CheckpointRow, at_us: i64) -> Result<(), StoreError> {
    run!(
        tx,
        execute,
        sqlx::query("INSERT INTO audit_checkpoints (number, at_us, envelope) VALUES ($1, $2, $3)")
            .bind(row.number)
            .bind(at_us)
            .bind(&row.envelope)
    )?;
    Ok(())
}

/// All of a snapshot, in their order.
pub async fn list(tx: &mut Tx) -> Result<Vec<CheckpointRow>, StoreError> {
    let sql = "SELECT number, envelope FROM audit_checkpoints ORDER BY number";
    Ok(run!(tx, fetch_all, sqlx::query_as(sql))?)
}
