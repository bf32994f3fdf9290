//! Tenants and their agents.

use rust_decimal::Decimal;

use super::column::{DecimalText, ListText};
use super::error::inserted;
use super::keys::{self, ApiKey};
use super::on::run;
use super::{AgentId, Store, StoreError, TenantId, Tx};

/// A tenant.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// What people call it.
    pub name: String,
    /// The floor of its agents that have none of their own.
    #[sqlx(try_from = "DecimalText")]
    pub default_floor: Option<Decimal>,
    /// How far below 0 its available money may fall, in 1e-9 USD; none is any.
    pub credit_limit_nanousd: Option<i64>,
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
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum AgentStatus {
    /// It may.
    Active,
    /// Its calls are refused.
    Suspended,
}

/// An agent of a tenant.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
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
    #[sqlx(try_from = "DecimalText")]
    pub default_floor: Option<Decimal>,
    /// The slugs and offer ids that it may be given; none is all.
    #[sqlx(try_from = "ListText")]
    pub allowed_models: Option<Vec<String>>,
    /// The most that a call may be estimated to cost, in 1e-9 USD; none is any.
    pub call_cap_nanousd: Option<i64>,
    /// The most that its calls of a UTC day may cost together.
    pub day_cap_nanousd: Option<i64>,
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
    /// Its new credit limit; `Some(None)` is none.
    pub credit_limit_nanousd: Option<Option<i64>>,
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
    /// Its new cap for a call; `Some(None)` is none.
    pub call_cap_nanousd: Option<Option<i64>>,
    /// Its new cap for a day; `Some(None)` is none.
    pub day_cap_nanousd: Option<Option<i64>>,
}

/// The columns of a [`Tenant`], in what is asked for.
macro_rules! tenants {
    ($before:literal $after:literal) => {
        concat!(
            $before,
            " id, name, default_floor, credit_limit_nanousd, created_us ",
            $after
        )
    };
}

/// The columns of an [`Agent`], in what is asked for.
macro_rules! agents {
    ($before:literal $after:literal) => {
        concat!(
            $before,
            " id, tenant, name, status, default_floor, allowed_models, call_cap_nanousd,
              day_cap_nanousd, created_us ",
            $after
        )
    };
}

/// Reads every tenant, agent, and live key.
pub async fn load(store: &Store) -> Result<Tenancy, StoreError> {
    // One transaction: a key without its agent is never seen.
    let mut tx = store.snapshot().await?;
    let tenants = tenants!("SELECT" "FROM tenants ORDER BY id");
    let agents = agents!("SELECT" "FROM agents ORDER BY id");
    Ok(Tenancy {
        tenants: run!(tx, fetch_all, sqlx::query_as(tenants))?,
        agents: run!(tx, fetch_all, sqlx::query_as(agents))?,
        keys: keys::live(&mut tx).await?,
    })
}

/// Whether there is a tenant.
pub async fn any(tx: &mut Tx) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM tenants)";
    Ok(run!(tx, fetch_one, sqlx::query_scalar(sql))?)
}

/// Adds a tenant.
pub async fn insert_tenant(tx: &mut Tx, tenant: &Tenant) -> Result<(), StoreError> {
    let sql = "INSERT INTO tenants (id, name, default_floor, credit_limit_nanousd, created_us)
               VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
    let new = run!(
        tx,
        execute,
        sqlx::query(sql)
            .bind(tenant.id)
            .bind(&tenant.name)
            .bind(tenant.default_floor.map(|floor| floor.to_string()))
            .bind(tenant.credit_limit_nanousd)
            .bind(tenant.created_us)
    )?;
    inserted(new, "tenant")
}

/// Adds an agent of a tenant that is there.
pub async fn insert_agent(tx: &mut Tx, agent: &Agent) -> Result<(), StoreError> {
    let sql = "SELECT id FROM tenants WHERE id = $1";
    let there: Option<TenantId> = run!(
        tx,
        fetch_optional,
        sqlx::query_scalar(sql).bind(agent.tenant)
    )?;
    there.ok_or(StoreError::Missing { what: "tenant" })?;
    let sql = "INSERT INTO agents (id, tenant, name, status, default_floor, allowed_models,
                   call_cap_nanousd, day_cap_nanousd, created_us)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING";
    let new = run!(
        tx,
        execute,
        sqlx::query(sql)
            .bind(agent.id)
            .bind(agent.tenant)
            .bind(&agent.name)
            .bind(agent.status)
            .bind(agent.default_floor.map(|floor| floor.to_string()))
            .bind(agent.allowed_models.as_ref().map(json))
            .bind(agent.call_cap_nanousd)
            .bind(agent.day_cap_nanousd)
            .bind(agent.created_us)
    )?;
    inserted(new, "agent")
}

/// Changes a tenant and answers what it is then.
pub async fn change_tenant(
    tx: &mut Tx,
    id: TenantId,
    change: TenantChange,
) -> Result<Tenant, StoreError> {
    let sql = tenants!(
        "UPDATE tenants SET name = coalesce($1, name),
             default_floor = CASE WHEN $2 THEN $3 ELSE default_floor END,
             credit_limit_nanousd = CASE WHEN $4 THEN $5 ELSE credit_limit_nanousd END
         WHERE id = $6 RETURNING" ""
    );
    let (floor, credit) = (change.default_floor, change.credit_limit_nanousd);
    run!(
        tx,
        fetch_optional,
        sqlx::query_as(sql)
            .bind(change.name)
            .bind(floor.is_some())
            .bind(floor.flatten().map(|floor| floor.to_string()))
            .bind(credit.is_some())
            .bind(credit.flatten())
            .bind(id)
    )?
    .ok_or(StoreError::Missing { what: "tenant" })
}

/// Changes an agent and answers what it is then.
pub async fn change_agent(
    tx: &mut Tx,
    id: AgentId,
    change: AgentChange,
) -> Result<Agent, StoreError> {
    let sql = agents!(
        "UPDATE agents SET name = coalesce($1, name), status = coalesce($2, status),
             default_floor = CASE WHEN $3 THEN $4 ELSE default_floor END,
             allowed_models = CASE WHEN $5 THEN $6 ELSE allowed_models END,
             call_cap_nanousd = CASE WHEN $7 THEN $8 ELSE call_cap_nanousd END,
             day_cap_nanousd = CASE WHEN $9 THEN $10 ELSE day_cap_nanousd END
         WHERE id = $11 RETURNING" ""
    );
    let (floor, models) = (change.default_floor, change.allowed_models);
    run!(
        tx,
        fetch_optional,
        sqlx::query_as(sql)
            .bind(change.name)
            .bind(change.status)
            .bind(floor.is_some())
            .bind(floor.flatten().map(|floor| floor.to_string()))
            .bind(models.is_some())
            .bind(models.flatten().as_ref().map(json))
            .bind(change.call_cap_nanousd.is_some())
            .bind(change.call_cap_nanousd.flatten())
            .bind(change.day_cap_nanousd.is_some())
            .bind(change.day_cap_nanousd.flatten())
            .bind(id)
    )?
    .ok_or(StoreError::Missing { what: "agent" })
}

/// Every tenant, the first one first.
pub async fn tenants(store: &Store) -> Result<Vec<Tenant>, StoreError> {
    let sql = tenants!("SELECT" "FROM tenants ORDER BY id");
    Ok(run!(store, fetch_all, sqlx::query_as(sql))?)
}

/// The tenant of this id.
pub async fn get_tenant(store: &Store, id: TenantId) -> Result<Tenant, StoreError> {
    let sql = tenants!("SELECT" "FROM tenants WHERE id = $1");
    run!(store, fetch_optional, sqlx::query_as(sql).bind(id))?
        .ok_or(StoreError::Missing { what: "tenant" })
}

/// Every agent, or those of a tenant, the first one first.
pub async fn agents(store: &Store, tenant: Option<TenantId>) -> Result<Vec<Agent>, StoreError> {
    let sql = agents!("SELECT" "FROM agents WHERE $1 IS NULL OR tenant = $1 ORDER BY id");
    Ok(run!(store, fetch_all, sqlx::query_as(sql).bind(tenant))?)
}

/// The agent of this id, within a transaction: another connection may not be
/// free before this one is.
pub async fn agent_in(tx: &mut Tx, id: AgentId) -> Result<Agent, StoreError> {
    let sql = agents!("SELECT" "FROM agents WHERE id = $1");
    run!(tx, fetch_optional, sqlx::query_as(sql).bind(id))?
        .ok_or(StoreError::Missing { what: "agent" })
}

/// The agent of this id.
pub async fn get_agent(store: &Store, id: AgentId) -> Result<Agent, StoreError> {
    let sql = agents!("SELECT" "FROM agents WHERE id = $1");
    run!(store, fetch_optional, sqlx::query_as(sql).bind(id))?
        .ok_or(StoreError::Missing { what: "agent" })
}

fn json(models: &Vec<String>) -> String {
    serde_json::Value::from(models.as_slice()).to_string()
}
