//! Tenants and their agents.

use rust_decimal::Decimal;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::error::unique;
use super::keys::{self, ApiKey};
use super::{AgentId, Store, StoreError, TenantId, Tx};

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
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    sqlx::Type,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
)]
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

/// What to change of a tenant; `None` leaves a thing as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TenantChange {
    /// What people call it from now on.
    pub name: Option<String>,
    /// Its new default floor; `Some(None)` takes it away.
    pub default_floor: Option<Option<Decimal>>,
}

/// What to change of an agent; `None` leaves a thing as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgentChange {
    /// What people call it from now on.
    pub name: Option<String>,
    /// Its new status.
    pub status: Option<AgentStatus>,
    /// Its new default floor; `Some(None)` takes it away.
    pub default_floor: Option<Option<Decimal>>,
    /// What it may be given; `Some(None)` is all.
    pub allowed_models: Option<Option<Vec<String>>>,
}

const AGENT: &str = "SELECT id, tenant, name, status, default_floor, allowed_models, created_us
                     FROM agents WHERE id = ?";

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
    let keys = keys::live(&mut tx).await?;
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

/// Adds an agent of a tenant that is there.
pub async fn insert_agent(tx: &mut Tx, agent: &Agent) -> Result<(), StoreError> {
    sqlx::query("SELECT 1 FROM tenants WHERE id = ?")
        .bind(agent.tenant)
        .fetch_optional(&mut **tx)
        .await?
        .ok_or(StoreError::Missing { what: "tenant" })?;
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

/// Changes a tenant and answers what it is then.
pub async fn change_tenant(
    tx: &mut Tx,
    id: TenantId,
    change: TenantChange,
) -> Result<Tenant, StoreError> {
    let row = sqlx::query(
        "UPDATE tenants SET name = coalesce(?, name),
             default_floor = CASE WHEN ? THEN ? ELSE default_floor END
         WHERE id = ?
         RETURNING id, name, default_floor, created_us",
    )
    .bind(change.name)
    .bind(change.default_floor.is_some())
    .bind(
        change
            .default_floor
            .flatten()
            .map(|floor| floor.to_string()),
    )
    .bind(id)
    .fetch_optional(&mut **tx)
    .await?
    .ok_or(StoreError::Missing { what: "tenant" })?;
    tenant(&row)
}

/// Changes an agent and answers what it is then.
pub async fn change_agent(
    tx: &mut Tx,
    id: AgentId,
    change: AgentChange,
) -> Result<Agent, StoreError> {
    let row = sqlx::query(
        "UPDATE agents SET name = coalesce(?, name), status = coalesce(?, status),
             default_floor = CASE WHEN ? THEN ? ELSE default_floor END,
             allowed_models = CASE WHEN ? THEN ? ELSE allowed_models END
         WHERE id = ?
         RETURNING id, tenant, name, status, default_floor, allowed_models, created_us",
    )
    .bind(change.name)
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

/// Every tenant, the first one first.
pub async fn tenants(store: &Store) -> Result<Vec<Tenant>, StoreError> {
    sqlx::query("SELECT id, name, default_floor, created_us FROM tenants ORDER BY id")
        .fetch_all(store.pool())
        .await?
        .iter()
        .map(tenant)
        .collect()
}

/// The tenant of this id.
pub async fn get_tenant(store: &Store, id: TenantId) -> Result<Tenant, StoreError> {
    let row = sqlx::query("SELECT id, name, default_floor, created_us FROM tenants WHERE id = ?")
        .bind(id)
        .fetch_optional(store.pool())
        .await?
        .ok_or(StoreError::Missing { what: "tenant" })?;
    tenant(&row)
}

/// Every agent, or those of a tenant, the first one first.
pub async fn agents(store: &Store, tenant: Option<TenantId>) -> Result<Vec<Agent>, StoreError> {
    sqlx::query(
        "SELECT id, tenant, name, status, default_floor, allowed_models, created_us
         FROM agents WHERE ?1 IS NULL OR tenant = ?1 ORDER BY id",
    )
    .bind(tenant)
    .fetch_all(store.pool())
    .await?
    .iter()
    .map(agent)
    .collect()
}

/// The agent of this id, within a transaction: another connection may not be
/// free before this one is.
pub async fn agent_in(tx: &mut Tx, id: AgentId) -> Result<Agent, StoreError> {
    let row = sqlx::query(AGENT)
        .bind(id)
        .fetch_optional(&mut **tx)
        .await?;
    agent(&row.ok_or(StoreError::Missing { what: "agent" })?)
}

/// The agent of this id.
pub async fn get_agent(store: &Store, id: AgentId) -> Result<Agent, StoreError> {
    let row = sqlx::query(AGENT)
        .bind(id)
        .fetch_optional(store.pool())
        .await?;
    agent(&row.ok_or(StoreError::Missing { what: "agent" })?)
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
