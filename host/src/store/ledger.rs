//! The ledger off the hot path: top-ups, balances, the journal by pages. What
//! calls hold and cost is written by `record`.

use super::error::inserted;
use super::on::run;
use super::{AgentId, Key, StoreError, TenantId, TopUpId, Tx};

/// What a tenant has, in 1e-9 USD. `available + held + charged - paid_in` is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Account {
    /// What it may spend, its credit apart.
    pub available_nanousd: i64,
    /// What is held for calls that run.
    pub held_nanousd: i64,
    /// What its calls were charged.
    pub charged_nanousd: i64,
    /// What it paid in.
    pub paid_in_nanousd: i64,
}

/// What an agent may spend, and spent on a UTC day, in 1e-9 USD.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct AgentDay {
    /// Which agent.
    pub agent: AgentId,
    /// The most that a call may be estimated to cost.
    pub call_cap_nanousd: Option<i64>,
    /// The most that its calls of a day may cost together.
    pub day_cap_nanousd: Option<i64>,
    /// What its calls of the day were charged.
    pub charged_nanousd: i64,
    /// What is held for those that run.
    pub held_nanousd: i64,
}

/// Money that a tenant paid in.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct TopUp {
    /// Its id.
    pub id: TopUpId,
    /// When; microseconds since the Unix epoch.
    pub at_us: i64,
    /// Whose.
    pub tenant: TenantId,
    /// How much, in 1e-9 USD; below 0 where it was paid back.
    pub amount_nanousd: i64,
    /// What makes a top-up that is sent twice one.
    pub reference: String,
    /// What people said of it.
    pub note: Option<String>,
    /// Who did it.
    pub actor: String,
}

/// The money of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct CallMoney {
    /// Its key.
    pub key: Key,
    /// Which agent called.
    pub agent: AgentId,
    /// When it came; microseconds since the Unix epoch.
    pub opened_us: i64,
    /// What was held, in 1e-9 USD.
    pub hold_nanousd: i64,
    /// When it was settled, or its hold released.
    pub closed_us: Option<i64>,
    /// What was charged; none where nothing was.
    pub charged_nanousd: Option<i64>,
}

/// How many calls of all tenants a page of one looks at, at most: there is no
/// index by tenant on the tables that every call is written to.
pub const SPAN: i64 = 10_000;

/// What the tenant has.
pub async fn account(tx: &mut Tx, tenant: TenantId) -> Result<Account, StoreError> {
    let sql = "SELECT available_nanousd, held_nanousd, charged_nanousd, paid_in_nanousd
               FROM ledger_accounts WHERE tenant = $1";
    let found = run!(tx, fetch_optional, sqlx::query_as(sql).bind(tenant))?;
    Ok(found.unwrap_or_default())
}

/// What the tenant's agents spent on this UTC day, counted from the Unix epoch.
pub async fn days(tx: &mut Tx, tenant: TenantId, day: i64) -> Result<Vec<AgentDay>, StoreError> {
    let sql = "SELECT a.id AS agent, a.call_cap_nanousd, a.day_cap_nanousd,
                   coalesce(d.charged_nanousd, 0) AS charged_nanousd,
                   coalesce(d.held_nanousd, 0) AS held_nanousd
               FROM agents a LEFT JOIN ledger_days d ON d.agent = a.id AND d.day = $2
               WHERE a.tenant = $1 ORDER BY a.id";
    Ok(run!(
        tx,
        fetch_all,
        sqlx::query_as(sql).bind(tenant).bind(day)
    )?)
}

/// The tenant's top-up of this reference.
pub async fn top_up_of(
    tx: &mut Tx,
    tenant: TenantId,
    reference: &str,
) -> Result<Option<TopUp>, StoreError> {
    let sql = "SELECT id, at_us, tenant, amount_nanousd, reference, note, actor
               FROM ledger_top_ups WHERE tenant = $1 AND reference = $2";
    Ok(run!(
        tx,
        fetch_optional,
        sqlx::query_as(sql).bind(tenant).bind(reference)
    )?)
}

/// Adds a top-up, and its amount to the account.
pub async fn top_up(tx: &mut Tx, top_up: &TopUp) -> Result<(), StoreError> {
    let sql =
        "INSERT INTO ledger_top_ups (id, at_us, tenant, amount_nanousd, reference, note, actor)
               VALUES ($1, $2, $3, $4, $5, $6, $7)
               ON CONFLICT DO NOTHING";
    let new = run!(
        tx,
        execute,
        sqlx::query(sql)
            .bind(top_up.id)
            .bind(top_up.at_us)
            .bind(top_up.tenant)
            .bind(top_up.amount_nanousd)
            .bind(&top_up.reference)
            .bind(&top_up.note)
            .bind(&top_up.actor)
    )?;
    inserted(new, "top-up")?;
    let sql = "INSERT INTO ledger_accounts
               (tenant, available_nanousd, held_nanousd, charged_nanousd, paid_in_nanousd)
               VALUES ($1, $2, 0, 0, $2)
               ON CONFLICT (tenant) DO UPDATE SET
               available_nanousd = ledger_accounts.available_nanousd + $2,
               paid_in_nanousd = ledger_accounts.paid_in_nanousd + $2";
    run!(
        tx,
        execute,
        sqlx::query(sql)
            .bind(top_up.tenant)
            .bind(top_up.amount_nanousd)
    )?;
    Ok(())
}

/// The tenant's top-ups after this key and not after `until`, at most `limit`,
/// the first one first.
pub async fn top_ups(
    tx: &mut Tx,
    tenant: TenantId,
    (after, until): (Key, Key),
    limit: i64,
) -> Result<Vec<TopUp>, StoreError> {
    let sql = "SELECT id, at_us, tenant, amount_nanousd, reference, note, actor
               FROM ledger_top_ups WHERE tenant = $1 AND id > $2 AND id <= $3
               ORDER BY id LIMIT $4";
    Ok(run!(
        tx,
        fetch_all,
        sqlx::query_as(sql)
            .bind(tenant)
            .bind(after)
            .bind(until)
            .bind(limit)
    )?)
}

/// The key of the call that is [`SPAN`] calls after this key, where there are
/// so many.
pub async fn span(tx: &mut Tx, after: Key) -> Result<Option<Key>, StoreError> {
    let sql = "SELECT key FROM call_opened WHERE key > $1 ORDER BY key LIMIT 1 OFFSET $2";
    Ok(run!(
        tx,
        fetch_optional,
        sqlx::query_scalar(sql).bind(after).bind(SPAN)
    )?)
}

/// The money of the tenant's calls after this key and not after `until`, at
/// most `limit`, the first one first.
pub async fn calls(
    tx: &mut Tx,
    tenant: TenantId,
    (after, until): (Key, Key),
    limit: i64,
) -> Result<Vec<CallMoney>, StoreError> {
    let sql = "SELECT o.key, o.agent, o.at_us AS opened_us, o.hold_nanousd,
                   c.at_us AS closed_us, c.charged_nanousd
               FROM call_opened o LEFT JOIN call_closed c ON c.key = o.key
               WHERE o.key > $2 AND o.key <= $3 AND o.tenant = $1
                   AND o.hold_nanousd IS NOT NULL
               ORDER BY o.key LIMIT $4";
    Ok(run!(
        tx,
        fetch_all,
        sqlx::query_as(sql)
            .bind(tenant)
            .bind(after)
            .bind(until)
            .bind(limit)
    )?)
}

/// A call, as the books are verified by it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct CallRow {
    /// Its key.
    pub key: Key,
    /// Whose agent called.
    pub tenant: TenantId,
    /// Which agent called.
    pub agent: AgentId,
    /// When it came; microseconds since the Unix epoch.
    pub opened_us: i64,
    /// Whether a provider was to be called.
    pub dispatched: bool,
    /// What was held, in 1e-9 USD.
    pub hold_nanousd: Option<i64>,
    /// How it ended; none while it runs.
    pub status: Option<String>,
    /// Microseconds until the provider began to answer.
    pub first_token_us: Option<i64>,
    /// What it cost, in 1e-9 USD.
    pub cost_nanousd: Option<i64>,
    /// What was charged.
    pub charged_nanousd: Option<i64>,
}

/// An account, as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct AccountRow {
    /// Whose.
    pub tenant: TenantId,
    /// What it may spend, in 1e-9 USD.
    pub available_nanousd: i64,
    /// What is held.
    pub held_nanousd: i64,
    /// What was charged.
    pub charged_nanousd: i64,
    /// What was paid in.
    pub paid_in_nanousd: i64,
}

/// An agent's day, as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct DayRow {
    /// Whose.
    pub agent: AgentId,
    /// Which, counted from the Unix epoch.
    pub day: i64,
    /// What was charged, in 1e-9 USD.
    pub charged_nanousd: i64,
    /// What is held.
    pub held_nanousd: i64,
}

/// At most `limit` calls of all tenants after this key, the first one first.
pub async fn call_rows(tx: &mut Tx, after: Key, limit: u32) -> Result<Vec<CallRow>, StoreError> {
    let sql = "SELECT o.key, o.tenant, o.agent, o.at_us AS opened_us, o.dispatched,
                   o.hold_nanousd, c.status, c.first_token_us, c.cost_nanousd,
                   c.charged_nanousd
               FROM call_opened o LEFT JOIN call_closed c ON c.key = o.key
               WHERE o.key > $1 ORDER BY o.key LIMIT $2";
    Ok(run!(
        tx,
        fetch_all,
        sqlx::query_as(sql).bind(after).bind(i64::from(limit))
    )?)
}

/// How many calls have ended.
pub async fn closed(tx: &mut Tx) -> Result<i64, StoreError> {
    let sql = "SELECT count(*) FROM call_closed";
    Ok(run!(tx, fetch_one, sqlx::query_scalar(sql))?)
}

/// The first call that has an end and no beginning.
pub async fn orphan(tx: &mut Tx) -> Result<Option<Key>, StoreError> {
    let sql = "SELECT c.key FROM call_closed c LEFT JOIN call_opened o ON o.key = c.key
               WHERE o.key IS NULL ORDER BY c.key LIMIT 1";
    Ok(run!(tx, fetch_optional, sqlx::query_scalar(sql))?)
}

/// Every top-up, the first one first.
pub async fn all_top_ups(tx: &mut Tx) -> Result<Vec<TopUp>, StoreError> {
    let sql = "SELECT id, at_us, tenant, amount_nanousd, reference, note, actor
               FROM ledger_top_ups ORDER BY id";
    Ok(run!(tx, fetch_all, sqlx::query_as(sql))?)
}

/// Every account.
pub async fn accounts(tx: &mut Tx) -> Result<Vec<AccountRow>, StoreError> {
    let sql = "SELECT tenant, available_nanousd, held_nanousd, charged_nanousd, paid_in_nanousd
               FROM ledger_accounts ORDER BY tenant";
    Ok(run!(tx, fetch_all, sqlx::query_as(sql))?)
}

/// Every day of every agent.
pub async fn all_days(tx: &mut Tx) -> Result<Vec<DayRow>, StoreError> {
    let sql = "SELECT agent, day, charged_nanousd, held_nanousd FROM ledger_days
               ORDER BY agent, day";
    Ok(run!(tx, fetch_all, sqlx::query_as(sql))?)
}
