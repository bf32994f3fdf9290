//! Signed envelopes that were accepted: about changes, and about the founders'
//! keys. A nonce serves once.

use super::error::inserted;
use super::on::run;
use super::{ChangeId, Digest, StoreError, Tx};

/// A founder's accepted signature of a change.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Authorization {
    /// The envelope's nonce.
    pub nonce: String,
    /// What it authorizes.
    pub change_id: ChangeId,
    /// The founder key that signed; where several did, the first of them.
    pub key_id: String,
    /// The DSSE envelope, JSON.
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
pub async fn of_change(tx: &mut Tx, change: ChangeId) -> Result<Vec<Authorization>, StoreError> {
    let sql = "SELECT nonce, change_id, key_id, envelope, accepted_us FROM authorizations
               WHERE change_id = $1 ORDER BY accepted_us, nonce";
    Ok(run!(tx, fetch_all, sqlx::query_as(sql).bind(change))?)
}

/// Keeps an envelope about the founders' keys, whose `subject` is that of all
/// that say the same. [`StoreError::Duplicate`] if its nonce has served.
pub async fn insert_of_founders(
    tx: &mut Tx,
    nonce: &str,
    subject: Digest,
    envelope: &str,
    accepted_us: i64,
) -> Result<(), StoreError> {
    let new = run!(
        tx,
        execute,
        sqlx::query(
            "INSERT INTO founder_authorizations (nonce, subject, envelope, accepted_us)
         VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        )
        .bind(nonce)
        .bind(subject.to_string())
        .bind(envelope)
        .bind(accepted_us)
    )?;
    inserted(new, "nonce")
}

/// The envelopes (JSON) about the founders' keys that say this.
pub async fn of_founders(tx: &mut Tx, subject: Digest) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT envelope FROM founder_authorizations
               WHERE subject = $1 ORDER BY accepted_us, nonce";
    Ok(run!(
        tx,
        fetch_all,
        sqlx::query_scalar(sql).bind(subject.to_string())
    )?)
}
