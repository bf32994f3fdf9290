//! Policy sets that may not become active again.

use super::error::inserted;
use super::generations::Digests;
use super::on::run;
use super::{Store, StoreError, Tx};

/// A revoked set.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Revocation {
    /// The set.
    #[sqlx(flatten)]
    pub digests: Digests,
    /// The generation that was named.
    pub generation: i64,
    /// Microseconds since the Unix epoch.
    pub revoked_us: i64,
    /// Who revoked it.
    pub actor: String,
}

/// Revokes a set. [`StoreError::Duplicate`] if it is revoked.
pub async fn insert(tx: &mut Tx, revocation: &Revocation) -> Result<(), StoreError> {
    let sql = "INSERT INTO revoked_sets (alias_resolver, preference_dial, floor_clamp,
                   generation, revoked_us, actor)
               VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
    let new = run!(
        tx,
        execute,
        sqlx::query(sql)
            .bind(revocation.digests.alias_resolver.to_string())
            .bind(revocation.digests.preference_dial.to_string())
            .bind(revocation.digests.floor_clamp.to_string())
            .bind(revocation.generation)
            .bind(revocation.revoked_us)
            .bind(&revocation.actor)
    )?;
    inserted(new, "revocation")
}

/// Lifts a revocation. False if there is none.
pub async fn delete(tx: &mut Tx, digests: &Digests) -> Result<bool, StoreError> {
    let sql = "DELETE FROM revoked_sets
               WHERE alias_resolver = $1 AND preference_dial = $2 AND floor_clamp = $3";
    let gone = run!(
        tx,
        execute,
        sqlx::query(sql)
            .bind(digests.alias_resolver.to_string())
            .bind(digests.preference_dial.to_string())
            .bind(digests.floor_clamp.to_string())
    )?;
    Ok(gone > 0)
}

/// Whether a set is revoked.
pub async fn holds(tx: &mut Tx, digests: &Digests) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM revoked_sets
               WHERE alias_resolver = $1 AND preference_dial = $2 AND floor_clamp = $3)";
    Ok(run!(
        tx,
        fetch_one,
        sqlx::query_scalar(sql)
            .bind(digests.alias_resolver.to_string())
            .bind(digests.preference_dial.to_string())
            .bind(digests.floor_clamp.to_string())
    )?)
}

/// Every revoked set, the earliest revoked first.
pub async fn list(store: &Store) -> Result<Vec<Revocation>, StoreError> {
    let sql = "SELECT alias_resolver, preference_dial, floor_clamp, generation, revoked_us, actor
               FROM revoked_sets ORDER BY revoked_us, generation";
    Ok(run!(store, fetch_all, sqlx::query_as(sql))?)
}
