//! Proposed changes of the policy set.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::inserted;
use super::on::run;
use super::{ChangeId, Digest, Store, StoreError, Tx};

/// How far a change has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum ChangeState {
    /// Waiting for a signature.
    Proposed,
    /// Its set is the active one.
    Active,
    /// Another set has been activated since it was proposed or activated.
    Superseded,
}

/// A change of one or more slots of a base generation.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Change {
    /// Its id.
    pub id: ChangeId,
    /// What it would replace.
    pub base_generation: i64,
    /// JSON: the new digest of each slot that changes.
    pub slots: String,
    /// JSON: what it would change.
    pub report: String,
    /// SHA-256 of the report's part that repeats.
    #[sqlx(try_from = "String")]
    pub report_hash: Digest,
    /// JSON: what making the report took; none of earlier versions.
    pub timings: Option<String>,
    /// Microseconds since the Unix epoch.
    pub proposed_us: i64,
    /// Who proposed it.
    pub actor: String,
    /// How far it has come.
    pub state: ChangeState,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, base_generation, slots, report, report_hash, timings, proposed_us, actor, state ",
            "FROM changes ",
            $rest
        )
    };
}

/// Keeps a proposed change.
pub async fn insert(tx: &mut Tx, change: &Change) -> Result<(), StoreError> {
    let sql = "INSERT INTO changes (id, base_generation, slots, report, report_hash,
                   timings, proposed_us, actor, state)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING";
    let new = run!(
        tx,
        execute,
        sqlx::query(sql)
            .bind(change.id)
            .bind(change.base_generation)
            .bind(&change.slots)
            .bind(&change.report)
            .bind(change.report_hash.to_string())
            .bind(&change.timings)
            .bind(change.proposed_us)
            .bind(&change.actor)
            .bind(change.state)
    )?;
    inserted(new, "change")
}

/// After an activation: `activated` (none for a rollback) becomes active, and
/// every other change is superseded, as its base is no longer the active set.
pub async fn settle(tx: &mut Tx, activated: Option<ChangeId>) -> Result<(), StoreError> {
    run!(
        tx,
        execute,
        sqlx::query(
            "UPDATE changes SET state = CASE WHEN id = $1 THEN 'active' ELSE 'superseded' END
         WHERE state <> 'superseded' OR id = $1",
        )
        .bind(activated)
    )?;
    Ok(())
}

/// The change of this id.
pub async fn get(store: &Store, id: ChangeId) -> Result<Option<Change>, StoreError> {
    Ok(run!(
        store,
        fetch_optional,
        sqlx::query_as(select!("WHERE id = $1")).bind(id)
    )?)
}

/// At most `limit` changes before `before`, the latest first.
pub async fn page(
    store: &Store,
    before: Option<ChangeId>,
    limit: u32,
) -> Result<Vec<Change>, StoreError> {
    let sql = select!("WHERE id < $1 ORDER BY id DESC LIMIT $2");
    let before = before.map_or(i64::MAX, |id| id.0.0);
    Ok(run!(
        store,
        fetch_all,
        sqlx::query_as(sql).bind(before).bind(i64::from(limit))
    )?)
}
