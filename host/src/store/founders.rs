//! The founders' public keys.

use super::error::inserted;
use super::on::run;
use super::{StoreError, Tx};

/// A founder's public key.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Founder {
    /// What envelopes name it by.
    pub key_id: String,
    /// PEM (RFC 8410).
    pub public_key: String,
    /// Microseconds since the Unix epoch.
    pub enrolled_us: i64,
    /// Who enrolled it.
    pub actor: String,
    /// When it was revoked.
    pub revoked_us: Option<i64>,
}

/// Every key that was ever enrolled, in the order of enrolment.
pub async fn list(tx: &mut Tx) -> Result<Vec<Founder>, StoreError> {
    let sql = "SELECT key_id, public_key, enrolled_us, actor, revoked_us FROM founders
               ORDER BY enrolled_us, key_id";
    Ok(run!(tx, fetch_all, sqlx::query_as(sql))?)
}

/// Enrols a key. [`StoreError::Duplicate`] if it is or was enrolled.
pub async fn enrol(tx: &mut Tx, founder: &Founder) -> Result<(), StoreError> {
    let sql = "INSERT INTO founders (key_id, public_key, enrolled_us, actor, revoked_us)
               VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
    let new = run!(
        tx,
        execute,
        sqlx::query(sql)
            .bind(&founder.key_id)
            .bind(&founder.public_key)
            .bind(founder.enrolled_us)
            .bind(&founder.actor)
            .bind(founder.revoked_us)
    )?;
    inserted(new, "founder key")
}

/// Revokes a key. One that was revoked before keeps its time.
pub async fn revoke(tx: &mut Tx, key_id: &str, at_us: i64) -> Result<(), StoreError> {
    let done = run!(
        tx,
        execute,
        sqlx::query("UPDATE founders SET revoked_us = coalesce(revoked_us, $1) WHERE key_id = $2")
            .bind(at_us)
            .bind(key_id)
    )?;
    if done == 0 {
        return Err(StoreError::Missing {
            what: "founder key",
        });
    }
    Ok(())
}
