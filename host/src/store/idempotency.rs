//! The idempotency keys in use and the answers kept under them. Calls take and
//! give them back in the commits of their records; here they are looked up, and
//! deleted when their time is over.

use super::on::run;
use super::{Digest, Store, StoreError, Tx};

/// What there is under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A call with the same body that has not ended.
    Running,
    /// The answer of one that succeeded.
    Kept {
        /// JSON: what the answer is and its headers.
        head: String,
        /// Its bytes.
        answer: Vec<u8>,
    },
    /// A call with another body.
    Other,
}

#[derive(sqlx::FromRow)]
struct Row {
    same: bool,
    head: Option<String>,
    answer: Option<Vec<u8>>,
}

/// What there is under the key of this scope for a request with this body.
pub async fn find(
    store: &Store,
    scope: Digest,
    body: Digest,
    now_us: i64,
) -> Result<Option<Found>, StoreError> {
    let row: Option<Row> = run!(
        store,
        fetch_optional,
        sqlx::query_as(
            "SELECT body = $2 AS same, head, CASE WHEN body = $2 THEN answer END AS answer
         FROM idempotency_keys WHERE scope = $1 AND expires_us > $3",
        )
        .bind(scope.0.as_slice())
        .bind(body.0.as_slice())
        .bind(now_us)
    )?;
    Ok(row.map(|row| match row {
        Row { same: false, .. } => Found::Other,
        Row {
            head: Some(head),
            answer: Some(answer),
            ..
        } => Found::Kept { head, answer },
        Row { .. } => Found::Running,
    }))
}

/// Deletes at most `most` keys whose time is over, the oldest first. Answers how
/// many they were.
pub async fn delete_expired(tx: &mut Tx, now_us: i64, most: i64) -> Result<u64, StoreError> {
    // The time twice: one may be taken again while they are chosen.
    let sql = "DELETE FROM idempotency_keys WHERE expires_us <= $1 AND scope IN (
               SELECT scope FROM idempotency_keys WHERE expires_us <= $1
               ORDER BY expires_us LIMIT $2)";
    let done = run!(tx, execute, sqlx::query(sql).bind(now_us).bind(most))?;
    Ok(done)
}
