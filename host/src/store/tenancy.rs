//! Tenants, their agents, and the agents' keys.

use rust_decimal::Decimal;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::error::unique;
use super::{AgentId, ApiKeyId, Digest, Store, StoreError, TenantId, Tx};

/// A tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// What people call it.
    pub name: String,
    /// The floor of its agents that have none of their own.
    pub default_floor: Option<Decimal>,
    /// Microseconds since the Unix epoch.
    pub created_us: i64,
}

/// Whether an agent may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum AgentStatus {
    /// It may.
    Active,
    /// Its calls are refused.
    Suspended,
}

/// An agent of a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    /// Its id.
    pub id: AgentId,
    /// Whose it is.
    pub tenant: TenantId,
    /// What people call it.
    pub name: String,
    /// Whether it may call.
    pub status: AgentStatus,
    /// The floor of its calls that ask for none.
    pub default_floor: Option<Decimal>,
    /// The slugs and offer ids that it may be given; none is all.
    pub allowed_models: Option<Vec<String>>,
    /// Microseconds since the Unix epoch.
    pub created_us: i64,
}

/// A key of an agent, by its hash.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct ApiKey {
    /// Its public id.
    pub id: ApiKeyId,
    /// Whose it is.
    pub agent: AgentId,
    /// SHA-256 of the key's text.
    #[sqlx(try_from = "Vec<u8>")]
    pub hash: Digest,
    /// Microseconds since the Unix epoch.
    pub created_us: i64,
    /// When it was revoked.
    pub revoked_us: Option<i64>,
}

/// All of them, for the gateway's memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tenancy {
    /// Every tenant.
    pub tenants: Vec<Tenant>,
    /// Every agent.
    pub agents: Vec<Agent>,
    /// Every key that is not revoked.
    pub keys: Vec<ApiKey>,
}

/// What to change of an agent; `None` leaves a thing as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgentChange {
    /// Its new status.
    pub status: Option<AgentStatus>,
    /// Its new default floor; `Some(None)` takes it away.
    pub default_floor: Option<Option<Decimal>>,
    /// What it may be given; `Some(None)` is all.
    pub allowed_models: Option<Option<Vec<String>>>,
}

/// Reads every tenant, agent, and live key.
pub async fn load(store: &Store) -> Result<Tenancy, StoreError> {
    // One transaction: a key without its agent is never seen.
    let mut tx = store.pool().begin().await?;
    let tenants =
        sqlx::query("SELECT id, name, default_floor, created_us FROM tenants ORDER BY id")
            .fetch_all(&mut *tx)
            .await?
            .iter()
            .map(tenant)
            .collect::<Result<_, _>>()?;
    let agents = sqlx::query(
        "SELECT id, tenant, name, status, default_floor, allowed_models, created_us
         FROM agents ORDER BY id",
    )
    .fetch_all(&mut *tx)
    .await?
    .iter()
    .map(agent)
    .collect::<Result<_, _>>()?;
    let keys = sqlx::query_as(
        "SELECT id, agent, hash, created_us, revoked_us FROM api_keys
         WHERE revoked_us IS NULL ORDER BY id",
    )
    .fetch_all(&mut *tx)
    .await?;
    Ok(Tenancy {
        tenants,
        agents,
        keys,
    })
}

/// Adds a tenant.
pub async fn insert_tenant(tx: &mut Tx, tenant: &Tenant) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO tenants (id, name, default_floor, created_us) VALUES (?, ?, ?, ?)")
        .bind(tenant.id)
        .bind(&tenant.name)
        .bind(tenant.default_floor.map(|floor| floor.to_string()))
        .bind(tenant.created_us)
        .execute(&mut **tx)
        .await
        .map_err(unique("tenant"))?;
    Ok(())
}

/// Adds an agent.
pub async fn insert_agent(tx: &mut Tx, agent: &Agent) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO agents (id, tenant, name, status, default_floor, allowed_models, created_us)
         VALUES (?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(agent.id)
    .bind(agent.tenant)
    .bind(&agent.name)
    .bind(agent.status)
    .bind(agent.default_floor.map(|floor| floor.to_string()))
    .bind(agent.allowed_models.as_ref().map(json))
    .bind(agent.created_us)
    .execute(&mut **tx)
    .await
    .map_err(unique("agent"))?;
    Ok(())
}

/// Adds a key.
pub async fn insert_key(tx: &mut Tx, key: &ApiKey) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO api_keys (id, agent, hash, created_us, revoked_us) VALUES (?, ?, ?, ?, ?)",
    )
    .bind(key.id)
    .bind(key.agent)
    .bind(key.hash.0.as_slice())
    .bind(key.created_us)
    .bind(key.revoked_us)
    .execute(&mut **tx)
    .await
    .map_err(unique("API key"))?;
    Ok(())
}

/// Changes an agent and answers what it is then.
pub async fn change_agent(
    tx: &mut Tx,
    id: AgentId,
    change: AgentChange,
) -> Result<Agent, StoreError> {
    let row = sqlx::query(
        "UPDATE agents SET status = coalesce(?, status),
             default_floor = CASE WHEN ? THEN ? ELSE default_floor END,
             allowed_models = CASE WHEN ? THEN ? ELSE allowed_models END
         WHERE id = ?
         RETURNING id, tenant, name, status, default_floor, allowed_models, created_us",
    )
    .bind(change.status)
    .bind(change.default_floor.is_some())
    .bind(
        change
            .default_floor
            .flatten()
            .map(|floor| floor.to_string()),
    )
    .bind(change.allowed_models.is_some())
    .bind(change.allowed_models.flatten().as_ref().map(json))
    .bind(id)
    .fetch_optional(&mut **tx)
    .await?
    .ok_or(StoreError::Missing { what: "agent" })?;
    agent(&row)
}

/// Revokes a key. One that was revoked before keeps its time.
pub async fn revoke_key(tx: &mut Tx, id: ApiKeyId, at_us: i64) -> Result<(), StoreError> {
    let done = sqlx::query("UPDATE api_keys SET revoked_us = coalesce(revoked_us, ?) WHERE id = ?")
        .bind(at_us)
        .bind(id)
        .execute(&mut **tx)
        .await?;
    if done.rows_affected() == 0 {
        return Err(StoreError::Missing { what: "API key" });
    }
    Ok(())
}

fn tenant(row: &SqliteRow) -> Result<Tenant, StoreError> {
    Ok(Tenant {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        default_floor: floor(row)?,
        created_us: row.try_get("created_us")?,
    })
}

fn agent(row: &SqliteRow) -> Result<Agent, StoreError> {
    Ok(Agent {
        id: row.try_get("id")?,
        tenant: row.try_get("tenant")?,
        name: row.try_get("name")?,
        status: row.try_get("status")?,
        default_floor: floor(row)?,
        allowed_models: allowed_models(row)?,
        created_us: row.try_get("created_us")?,
    })
}

fn json(models: &Vec<String>) -> String {
    serde_json::Value::from(models.as_slice()).to_string()
}

fn allowed_models(row: &SqliteRow) -> Result<Option<Vec<String>>, StoreError> {
    let text: Option<&str> = row.try_get("allowed_models")?;
    text.map(serde_json::from_str)
        .transpose()
        .map_err(|error| StoreError::Unreadable {
            what: "allowed models",
            why: error.to_string(),
        })
}

fn floor(row: &SqliteRow) -> Result<Option<Decimal>, StoreError> {
    let text: Option<&str> = row.try_get("default_floor")?;
    text.map(Decimal::from_str_exact)
        .transpose()
        .map_err(|error| StoreError::Unreadable {
            what: "default floor",
            why: error.to_string(),
        })
}
