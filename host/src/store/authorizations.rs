//! Signed envelopes that were accepted. A nonce serves once.

use super::error::inserted;
use super::on::run;
use super::{ChangeId, Store, StoreError, Tx};

/// A founder's accepted signature of a change.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Authorization {
    /// The envelope's nonce.
    pub nonce: String,
    /// What it authorizes.
    pub change_id: ChangeId,
    /// The founder key that signed.
    pub key_id: String,
    /// The DSSE envelope as it came, JSON.
    pub envelope: String,
    /// Microseconds since the Unix epoch.
    pub accepted_us: i64,
}

/// Keeps an envelope. [`StoreError::Duplicate`] if its nonce has served.
pub async fn insert(tx: &mut Tx, authorization: &Authorization) -> Result<(), StoreError> {
    let new = run!(
        tx,
        execute,
        sqlx::query(
            "INSERT INTO authorizations (nonce, change_id, key_id, envelope, accepted_us)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        )
        .bind(&authorization.nonce)
        .bind(authorization.change_id)
        .bind(&authorization.key_id)
        .bind(&authorization.envelope)
        .bind(authorization.accepted_us)
    )?;
    inserted(new, "nonce")
}

/// The envelopes accepted for a change, in the order of their acceptance.
pub async fn of_change(store: &Store, change: ChangeId) -> Result<Vec<Authorization>, StoreError> {
    let sql = "SELECT nonce, change_id, key_id, envelope, accepted_us FROM authorizations
               WHERE change_id = $1 ORDER BY accepted_us, nonce";
    Ok(run!(store, fetch_all, sqlx::query_as(sql).bind(change))?)
}
