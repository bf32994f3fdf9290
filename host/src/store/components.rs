//! Uploaded components, by digest. None is ever deleted: decisions name them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::on::run;
use super::{Digest, Store, StoreError, Tx};

/// How far a component has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
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
            "SELECT digest, CAST(length(bytes) AS BIGINT) AS length, uploaded_us, actor, state, ",
            "slot, report, fuel_budget, fingerprint FROM components ",
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
    let done = run!(
        tx,
        execute,
        sqlx::query(
            "INSERT INTO components (digest, bytes, uploaded_us, actor, state)
         VALUES ($1, $2, $3, $4, 'uploaded') ON CONFLICT (digest) DO NOTHING",
        )
        .bind(digest.to_string())
        .bind(bytes)
        .bind(at_us)
        .bind(actor)
    )?;
    Ok(done == 1)
}

/// Records what a verification found.
pub async fn judge(tx: &mut Tx, digest: Digest, verdict: &Verdict) -> Result<(), StoreError> {
    let sql = "UPDATE components SET state = $1, slot = $2, report = $3, fuel_budget = $4,
                   fingerprint = $5
               WHERE digest = $6";
    let done = run!(
        tx,
        execute,
        sqlx::query(sql)
            .bind(verdict.state)
            .bind(&verdict.slot)
            .bind(&verdict.report)
            .bind(verdict.fuel_budget)
            .bind(&verdict.fingerprint)
            .bind(digest.to_string())
    )?;
    if done == 0 {
        return Err(StoreError::Missing { what: "component" });
    }
    Ok(())
}

/// The component of this digest.
pub async fn get(store: &Store, digest: Digest) -> Result<Option<Component>, StoreError> {
    let sql = select!("WHERE digest = $1");
    Ok(run!(
        store,
        fetch_optional,
        sqlx::query_as(sql).bind(digest.to_string())
    )?)
}

/// Its bytes.
pub async fn bytes(store: &Store, digest: Digest) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(run!(
        store,
        fetch_optional,
        sqlx::query_scalar("SELECT bytes FROM components WHERE digest = $1")
            .bind(digest.to_string())
    )?)
}

/// Every component, the latest first.
pub async fn list(store: &Store) -> Result<Vec<Component>, StoreError> {
    Ok(run!(
        store,
        fetch_all,
        sqlx::query_as(select!("ORDER BY uploaded_us DESC, digest"))
    )?)
}
