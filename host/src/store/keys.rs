//! The keys of agents, by their hashes.

use super::column::Small;
use super::error::inserted;
use super::on::run;
use super::{AgentId, ApiKeyId, Digest, Store, StoreError, Tx};

/// A key of an agent.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct ApiKey {
    /// Its public id.
    pub id: ApiKeyId,
    /// Whose it is.
    pub agent: AgentId,
    /// SHA-256 of the key's text.
    #[sqlx(try_from = "Vec<u8>")]
    pub hash: Digest,
    /// The first characters of its text; none for a key that was given to us.
    pub prefix: Option<String>,
    /// Microseconds since the Unix epoch.
    pub created_us: i64,
    /// When it was revoked.
    pub revoked_us: Option<i64>,
    /// From when on it opens nothing; never where there is none.
    pub expires_us: Option<i64>,
    /// How often it may call; as the configuration says where there is none.
    #[sqlx(try_from = "Small")]
    pub requests_per_minute: Option<u32>,
    /// How often at once; a minute's requests where there is none.
    #[sqlx(try_from = "Small")]
    pub burst: Option<u32>,
}

/// Keys, those of which this is true.
macro_rules! select {
    ($which:literal) => {
        concat!(
            "SELECT id, agent, hash, prefix, created_us, revoked_us, expires_us,
                    requests_per_minute, burst FROM api_keys ",
            $which
        )
    };
}

/// Adds a key.
pub async fn insert(tx: &mut Tx, key: &ApiKey) -> Result<(), StoreError> {
    let sql = "INSERT INTO api_keys (id, agent, hash, prefix, created_us, revoked_us,
                   expires_us, requests_per_minute, burst)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING";
    let new = run!(
        tx,
        execute,
        sqlx::query(sql)
            .bind(key.id)
            .bind(key.agent)
            .bind(key.hash.0.as_slice())
            .bind(&key.prefix)
            .bind(key.created_us)
            .bind(key.revoked_us)
            .bind(key.expires_us)
            .bind(key.requests_per_minute.map(i64::from))
            .bind(key.burst.map(i64::from))
    )?;
    inserted(new, "API key")
}

/// Every key that is not revoked.
pub(super) async fn live(tx: &mut Tx) -> Result<Vec<ApiKey>, StoreError> {
    let sql = select!("WHERE revoked_us IS NULL ORDER BY id");
    Ok(run!(tx, fetch_all, sqlx::query_as(sql))?)
}

/// Every key of an agent, the first one first.
pub async fn of_agent(store: &Store, agent: AgentId) -> Result<Vec<ApiKey>, StoreError> {
    let sql = select!("WHERE agent = $1 ORDER BY id");
    Ok(run!(store, fetch_all, sqlx::query_as(sql).bind(agent))?)
}

/// The key of this id.
pub async fn get(tx: &mut Tx, id: ApiKeyId) -> Result<ApiKey, StoreError> {
    let sql = select!("WHERE id = $1");
    run!(tx, fetch_optional, sqlx::query_as(sql).bind(id))?
        .ok_or(StoreError::Missing { what: "API key" })
}

/// Revokes a key. One that was revoked before keeps its time.
pub async fn revoke(tx: &mut Tx, id: ApiKeyId, at_us: i64) -> Result<ApiKey, StoreError> {
    run!(
        tx,
        execute,
        sqlx::query("UPDATE api_keys SET revoked_us = coalesce(revoked_us, $1) WHERE id = $2")
            .bind(at_us)
            .bind(id)
    )?;
    get(tx, id).await
}

/// Lets a key end at a time, if it does not end before.
pub async fn expire(tx: &mut Tx, id: ApiKeyId, at_us: i64) -> Result<ApiKey, StoreError> {
    let sql = "UPDATE api_keys
               SET expires_us = CASE WHEN expires_us < $1 THEN expires_us ELSE $1 END
               WHERE id = $2";
    run!(tx, execute, sqlx::query(sql).bind(at_us).bind(id))?;
    get(tx, id).await
}

/// Sets how often a key may call.
pub async fn limit(
    tx: &mut Tx,
    id: ApiKeyId,
    requests_per_minute: Option<u32>,
    burst: Option<u32>,
) -> Result<ApiKey, StoreError> {
    run!(
        tx,
        execute,
        sqlx::query("UPDATE api_keys SET requests_per_minute = $1, burst = $2 WHERE id = $3")
            .bind(requests_per_minute.map(i64::from))
            .bind(burst.map(i64::from))
            .bind(id)
    )?;
    get(tx, id).await
}
