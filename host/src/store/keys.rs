//! The keys of agents, by their hashes.

use super::error::unique;
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
    pub requests_per_minute: Option<u32>,
    /// How often at once; a minute's requests where there is none.
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
    sqlx::query(
        "INSERT INTO api_keys
             (id, agent, hash, prefix, created_us, revoked_us, expires_us, requests_per_minute, burst)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(key.id)
    .bind(key.agent)
    .bind(key.hash.0.as_slice())
    .bind(&key.prefix)
    .bind(key.created_us)
    .bind(key.revoked_us)
    .bind(key.expires_us)
    .bind(key.requests_per_minute)
    .bind(key.burst)
    .execute(&mut **tx)
    .await
    .map_err(unique("API key"))?;
    Ok(())
}

/// Every key that is not revoked.
pub(super) async fn live(tx: &mut Tx) -> Result<Vec<ApiKey>, StoreError> {
    let sql = select!("WHERE revoked_us IS NULL ORDER BY id");
    Ok(sqlx::query_as(sql).fetch_all(&mut **tx).await?)
}

/// Every key of an agent, the first one first.
pub async fn of_agent(store: &Store, agent: AgentId) -> Result<Vec<ApiKey>, StoreError> {
    let keys = sqlx::query_as(select!("WHERE agent = ? ORDER BY id")).bind(agent);
    Ok(keys.fetch_all(store.pool()).await?)
}

/// The key of this id.
pub async fn get(tx: &mut Tx, id: ApiKeyId) -> Result<ApiKey, StoreError> {
    let key = sqlx::query_as(select!("WHERE id = ?")).bind(id);
    key.fetch_optional(&mut **tx)
        .await?
        .ok_or(StoreError::Missing { what: "API key" })
}

/// Revokes a key. One that was revoked before keeps its time.
pub async fn revoke(tx: &mut Tx, id: ApiKeyId, at_us: i64) -> Result<ApiKey, StoreError> {
    sqlx::query("UPDATE api_keys SET revoked_us = coalesce(revoked_us, ?) WHERE id = ?")
        .bind(at_us)
        .bind(id)
        .execute(&mut **tx)
        .await?;
    get(tx, id).await
}

/// Lets a key end at a time, if it does not end before.
pub async fn expire(tx: &mut Tx, id: ApiKeyId, at_us: i64) -> Result<ApiKey, StoreError> {
    sqlx::query("UPDATE api_keys SET expires_us = min(coalesce(expires_us, ?1), ?1) WHERE id = ?2")
        .bind(at_us)
        .bind(id)
        .execute(&mut **tx)
        .await?;
    get(tx, id).await
}

/// Sets how often a key may call.
pub async fn limit(
    tx: &mut Tx,
    id: ApiKeyId,
    requests_per_minute: Option<u32>,
    burst: Option<u32>,
) -> Result<ApiKey, StoreError> {
    sqlx::query("UPDATE api_keys SET requests_per_minute = ?, burst = ? WHERE id = ?")
        .bind(requests_per_minute)
        .bind(burst)
        .bind(id)
        .execute(&mut **tx)
        .await?;
    get(tx, id).await
}
