//! The rows of the hot tables, bound to their insert statements. Each column
//! stands beside its value, so the two can't come apart.

use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Statement, ToSql};
use rust_decimal::Decimal;

use super::audit::{Head, Prepared};
use super::closed::Closed;
use super::opened::Opened;
use crate::store::Key;
use crate::store::audit::row_id;

macro_rules! mark {
    ($column:ident) => {
        ", ?"
    };
}

macro_rules! row {
    (
        $(#[$doc:meta])* $sql:ident, $bind:ident($($arg:ident: $type:ty),*), $table:literal:
        $first:ident = $first_value:expr, $($column:ident = $value:expr,)*
    ) => {
        $(#[$doc])*
        pub(super) const $sql: &str = concat!(
            "INSERT INTO ", $table, " (", stringify!($first), $(", ", stringify!($column),)*
            ") VALUES (?", $(mark!($column),)* ") ON CONFLICT DO NOTHING"
        );

        pub(super) fn $bind(statement: &mut Statement<'_>, $($arg: $type),*) -> rusqlite::Result<()> {
            statement.raw_bind_parameter(1, $first_value)?;
            let mut at = 1;
            $(
                at += 1;
                statement.raw_bind_parameter(at, $value)?;
            )*
            let _ = at;
            Ok(())
        }
    };
}

row! {
    /// Into `call_opened`.
    OPENED, bind_opened(opened: &Opened), "call_opened":
    key = opened.key.0,
    at_us = opened.at_us,
    tenant = opened.tenant.0.0,
    agent = opened.agent.0.0,
    router = opened.router.as_str(),
    route = opened.route,
    stream = opened.stream,
    requested = opened.requested.as_str(),
    canonical = opened.canonical.as_deref(),
    alias = opened.alias,
    resolver_date = opened.resolver_date.map(|date| date.to_string()),
    preference = opened.preference.as_deref(),
    min_quality = Exact(opened.min_quality),
    base_floor = Exact(opened.base_floor),
    dialled = Exact(opened.dialled),
    floor = Exact(opened.floor),
    max_cost = Exact(opened.max_cost),
    allow_providers = opened.allow_providers.as_deref().map(list),
    deny_providers = opened.deny_providers.as_deref().map(list),
    task_type = opened.task_type.as_deref(),
    gates = opened.gates.as_deref(),
    generation = opened.generation,
    decided_by = opened.decided_by,
    faulted_generation = opened.faulted_generation,
    catalog_version = opened.catalog_version,
    eligibility_mask = opened.eligibility_mask.as_deref(),
    ruleset_hash = opened.ruleset_hash.as_ref().map(|hash| hash.0.as_slice()),
    text_bytes = count(opened.text_bytes),
    images = opened.images,
    tools = opened.tools,
    thinking = opened.thinking,
    max_tokens = opened.max_tokens.map(count),
    candidates = opened.candidates.as_deref(),
    choice = opened.choice.as_deref(),
    dispatched = opened.dispatched,
    client_session = opened.client_session.as_deref(),
    client_agent = opened.client_agent.as_deref(),
    client_parent = opened.client_parent.as_deref(),
}

row! {
    /// Into `call_closed`.
    CLOSED, bind_closed(key: Key, closed: &Closed), "call_closed":
    key = key.0,
    at_us = closed.at_us,
    status = closed.outcome.status.as_str(),
    reason = closed.outcome.reason.as_deref(),
    nearest_miss = closed.outcome.nearest_miss.as_deref(),
    offer = closed.progress.offer.as_deref(),
    attempts = attempts(closed)?,
    input_tokens = closed.progress.usage.input_tokens.map(count),
    output_tokens = closed.progress.usage.output_tokens.map(count),
    cache_read_tokens = closed.progress.usage.cache_read_tokens.map(count),
    cache_write_tokens = closed.progress.usage.cache_write_tokens.map(count),
    usage_source = closed.progress.usage_source.map(|source| source.as_str()),
    cost_nanousd = closed.progress.cost_nanousd,
    latency_us = closed.latency_us,
    first_token_us = closed.progress.first_token_us,
    stop_reason = closed.progress.stop_reason.as_deref(),
    http_status = closed.progress.http_status,
    upstream_request_id = closed.progress.upstream_request_id.as_deref(),
}

row! {
    /// Into `audit_log`.
    EVENT, bind_event(chain: i64, head: &Head, event: &Prepared), "audit_log":
    id = row_id(chain, head.seq),
    body = event.body.as_str(),
    link = head.link.0.as_slice(),
}

/// A decimal as text, its scale kept.
struct Exact(Option<Decimal>);

impl ToSql for Exact {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.0 {
            Some(decimal) => ToSqlOutput::Owned(Value::Text(decimal.to_string())),
            None => ToSqlOutput::Borrowed(ValueRef::Null),
        })
    }
}

/// A count as SQLite can hold it; none in practice comes near the limit.
fn count(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn list(names: &[String]) -> String {
    serde_json::Value::from(names.to_vec()).to_string()
}

fn attempts(closed: &Closed) -> rusqlite::Result<Option<String>> {
    let attempts = &closed.progress.attempts;
    if attempts.is_empty() {
        return Ok(None);
    }
    let text = serde_json::to_string(attempts);
    text.map(Some)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}
