//! Uploaded components, by digest. None is ever deleted: decisions name them.

use serde::{Deserialize, Serialize};

use super::{Digest, Store, StoreError, Tx};

/// How far a component has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum ComponentState {
    /// Stored, not yet looked at.
    Uploaded,
    /// It may become part of a change.
    Verified,
    /// It may not; the report says why.
    Rejected,
}

/// A component, without its bytes.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Component {
    /// SHA-256 of its bytes.
    #[sqlx(try_from = "String")]
    pub digest: Digest,
    /// Its length in bytes.
    pub length: i64,
    /// When it was first uploaded; microseconds since the Unix epoch.
    pub uploaded_us: i64,
    /// Who uploaded it.
    pub actor: String,
    /// How far it has come.
    pub state: ComponentState,
    /// The slot that it fills, once known.
    pub slot: Option<String>,
    /// What the verification found, as JSON.
    pub report: Option<String>,
    /// The fuel that a call of it may burn.
    pub fuel_budget: Option<i64>,
    /// The engine for which the budget holds.
    pub fingerprint: Option<String>,
}

/// What a verification found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// [`ComponentState::Verified`] or [`ComponentState::Rejected`].
    pub state: ComponentState,
    /// The slot that it fills, where it got that far.
    pub slot: Option<String>,
    /// JSON.
    pub report: String,
    /// The fuel that a call of it may burn.
    pub fuel_budget: Option<i64>,
    /// The engine for which the budget holds.
    pub fingerprint: Option<String>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT digest, length(bytes) AS length, uploaded_us, actor, state, slot, report, ",
            "fuel_budget, fingerprint FROM components ",
            $rest
        )
    };
}

/// Keeps the bytes under their digest. False if they were there already.
pub async fn insert(
    tx: &mut Tx,
    digest: Digest,
    bytes: &[u8],
    at_us: i64,
    actor: &str,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "INSERT INTO components (digest, bytes, uploaded_us, actor, state)
         VALUES (?, ?, ?, ?, 'uploaded') ON CONFLICT (digest) DO NOTHING",
    )
    .bind(digest.to_string())
    .bind(bytes)
    .bind(at_us)
    .bind(actor)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Records what a verification found.
pub async fn judge(tx: &mut Tx, digest: Digest, verdict: &Verdict) -> Result<(), StoreError> {
    let done = sqlx::query(
        "UPDATE components SET state = ?, slot = ?, report = ?, fuel_budget = ?, fingerprint = ?
         WHERE digest = ?",
    )
    .bind(verdict.state)
    .bind(&verdict.slot)
    .bind(&verdict.report)
    .bind(verdict.fuel_budget)
    .bind(&verdict.fingerprint)
    .bind(digest.to_string())
    .execute(&mut **tx)
    .await?;
    if done.rows_affected() == 0 {
        return Err(StoreError::Missing { what: "component" });
    }
    Ok(())
}

/// The component of this digest.
pub async fn get(store: &Store, digest: Digest) -> Result<Option<Component>, StoreError> {
    let sql = select!("WHERE digest = ?");
    Ok(sqlx::query_as(sql)
        .bind(digest.to_string())
        .fetch_optional(store.pool())
        .await?)
}

/// Its bytes.
pub async fn bytes(store: &Store, digest: Digest) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(
        sqlx::query_scalar("SELECT bytes FROM components WHERE digest = ?")
            .bind(digest.to_string())
            .fetch_optional(store.pool())
            .await?,
    )
}

/// Every component, the latest first.
pub async fn list(store: &Store) -> Result<Vec<Component>, StoreError> {
    Ok(sqlx::query_as(select!("ORDER BY uploaded_us DESC, digest"))
        .fetch_all(store.pool())
        .await?)
}
