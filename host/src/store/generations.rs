//! Activations of policy sets. The greatest number is the active one.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::inserted;
use super::on::run;
use super::{ChangeId, Digest, Store, StoreError, Tx};

/// How a generation came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type, Serialize, Deserialize, ToSchema)]
#[sqlx(type_name = "text")]
pub enum GenerationKind {
    /// The set embedded in the binary.
    #[serde(rename = "built-in")]
    #[sqlx(rename = "built-in")]
    BuiltIn,
    /// A change that founders signed.
    #[serde(rename = "authorized")]
    #[sqlx(rename = "authorized")]
    Authorized,
    /// The digests of an earlier generation.
    #[serde(rename = "rolled_back")]
    #[sqlx(rename = "rolled_back")]
    RolledBack,
}

/// The three components of a policy set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::FromRow)]
pub struct Digests {
    /// In slot `alias-resolver`.
    #[sqlx(try_from = "String")]
    pub alias_resolver: Digest,
    /// In slot `preference-dial`.
    #[sqlx(try_from = "String")]
    pub preference_dial: Digest,
    /// In slot `floor-clamp`.
    #[sqlx(try_from = "String")]
    pub floor_clamp: Digest,
}

/// An activation.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Generation {
    /// 1 for the first.
    pub generation: i64,
    /// What was activated.
    #[sqlx(flatten)]
    pub digests: Digests,
    /// Microseconds since the Unix epoch.
    pub activated_us: i64,
    /// Who did it.
    pub actor: String,
    /// How it came to be.
    pub kind: GenerationKind,
    /// The change that it carried out.
    pub change_id: Option<ChangeId>,
    /// The generation that it replaced.
    pub base: Option<i64>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT generation, alias_resolver, preference_dial, floor_clamp, activated_us, actor, ",
            "kind, change_id, base FROM generations ",
            $rest
        )
    };
}

/// Activates after `base`, the active generation (0 for none), and answers the
/// new number. [`StoreError::Stale`] if another is active by now.
pub async fn activate(
    tx: &mut Tx,
    base: i64,
    digests: &Digests,
    kind: GenerationKind,
    change: Option<ChangeId>,
    at_us: i64,
    actor: &str,
) -> Result<i64, StoreError> {
    let active = newest(tx).await?;
    if active != base {
        return Err(StoreError::Stale {
            what: "generation",
            expected: base,
            actual: active,
        });
    }
    let sql = "INSERT INTO generations (generation, alias_resolver, preference_dial,
                   floor_clamp, activated_us, actor, kind, change_id, base)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING";
    let new = run!(
        tx,
        execute,
        sqlx::query(sql)
            .bind(active + 1)
            .bind(digests.alias_resolver.to_string())
            .bind(digests.preference_dial.to_string())
            .bind(digests.floor_clamp.to_string())
            .bind(at_us)
            .bind(actor)
            .bind(kind)
            .bind(change)
            .bind((base > 0).then_some(base))
    )?;
    inserted(new, "generation")?;
    Ok(active + 1)
}

/// The number of the active generation; 0 before the first start.
pub async fn newest(tx: &mut Tx) -> Result<i64, StoreError> {
    let sql = "SELECT coalesce(max(generation), 0) FROM generations";
    Ok(run!(tx, fetch_one, sqlx::query_scalar(sql))?)
}

/// The active generation; none before the first start.
pub async fn active(store: &Store) -> Result<Option<Generation>, StoreError> {
    let sql = select!("ORDER BY generation DESC LIMIT 1");
    Ok(run!(store, fetch_optional, sqlx::query_as(sql))?)
}

/// The same, as `tx` sees it.
pub async fn active_in(tx: &mut Tx) -> Result<Option<Generation>, StoreError> {
    let sql = select!("ORDER BY generation DESC LIMIT 1");
    Ok(run!(tx, fetch_optional, sqlx::query_as(sql))?)
}

/// The generation of this number.
pub async fn get(store: &Store, generation: i64) -> Result<Option<Generation>, StoreError> {
    let sql = select!("WHERE generation = $1");
    Ok(run!(
        store,
        fetch_optional,
        sqlx::query_as(sql).bind(generation)
    )?)
}

/// At most `limit` generations before `before`, the latest first.
pub async fn page(
    store: &Store,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<Generation>, StoreError> {
    let sql = select!("WHERE generation < $1 ORDER BY generation DESC LIMIT $2");
    Ok(run!(
        store,
        fetch_all,
        sqlx::query_as(sql)
            .bind(before.unwrap_or(i64::MAX))
            .bind(i64::from(limit))
    )?)
}

/// The latest generation before `before` whose set may answer for `digests`,
/// active as `number`: it is another set, was not rolled back from by then, and
/// is not revoked.
pub async fn good(
    store: &Store,
    before: i64,
    number: i64,
    digests: &Digests,
) -> Result<Option<Generation>, StoreError> {
    let sql = select!(
        "AS g WHERE generation < $1
             AND NOT (alias_resolver = $2 AND preference_dial = $3 AND floor_clamp = $4)
             AND NOT EXISTS (SELECT 1 FROM generations AS back WHERE back.base = g.generation
                 AND back.kind = 'rolled_back' AND back.generation <= $5)
             AND NOT EXISTS (SELECT 1 FROM revoked_sets AS r
                 WHERE r.alias_resolver = g.alias_resolver
                     AND r.preference_dial = g.preference_dial
                     AND r.floor_clamp = g.floor_clamp)
         ORDER BY generation DESC LIMIT 1"
    );
    Ok(run!(
        store,
        fetch_optional,
        sqlx::query_as(sql)
            .bind(before)
            .bind(digests.alias_resolver.to_string())
            .bind(digests.preference_dial.to_string())
            .bind(digests.floor_clamp.to_string())
            .bind(number)
    )?)
}
