//! Calls, as the views give them. Decimals and JSON stay the texts that were
//! stored.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::on::run;
use super::{Json, Key, Store, StoreError};

/// A routed call: a row of `routing_outcomes`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow, ToSchema)]
pub struct Decision {
    /// `req_…`.
    pub request_id: String,
    /// `inf_…`, where it was dispatched.
    pub inference_id: Option<String>,
    /// When it was admitted; microseconds since the Unix epoch.
    pub opened_us: i64,
    /// When it ended.
    pub closed_us: Option<i64>,
    /// `tnt_…`.
    pub tenant_id: String,
    /// `agt_…`.
    pub agent_id: String,
    /// How it ended; `pending` until then.
    pub outcome_status: String,
    /// Why no candidate was left.
    pub reject_reason: Option<String>,
    /// Why it did not succeed.
    pub reason: Option<String>,
    /// JSON: the candidate that was refused last.
    #[schema(value_type = Option<Candidate>)]
    pub nearest_miss: Option<Json>,
    /// The path that was called.
    pub route: String,
    /// Whether the answer was to be streamed.
    pub stream: bool,
    /// The model name as sent.
    pub requested: String,
    /// The routing target.
    pub canonical: Option<String>,
    /// Whether the name was an alias of it.
    pub alias: bool,
    /// The day given to the resolver.
    pub resolver_date: Option<String>,
    /// The hint's preference.
    pub preference: Option<String>,
    /// The hint's explicit floor.
    pub min_quality: Option<String>,
    /// The agent's, tenant's, or general floor.
    pub base_floor: Option<String>,
    /// What the dial made of it.
    pub dialled: Option<String>,
    /// The floor that held.
    pub floor: Option<String>,
    /// JSON: each gate and whether it was open.
    #[schema(value_type = Option<BTreeMap<String, bool>>)]
    pub gates: Option<Json>,
    /// The active generation.
    pub generation: Option<i64>,
    /// The generation that decided.
    pub decided_by: Option<i64>,
    /// The generation that was active and faulted.
    pub faulted_generation: Option<i64>,
    /// Digest of the resolver that decided.
    pub alias_resolver: Option<String>,
    /// Digest of the dial that decided.
    pub preference_dial: Option<String>,
    /// Digest of the clamp that decided.
    pub floor_clamp: Option<String>,
    /// The catalog version.
    pub catalog_version: Option<i64>,
    /// Hexadecimal: which offers could be called at all.
    pub eligibility_mask: Option<String>,
    /// Hash over digests, gates, and catalog version.
    pub ruleset_hash: Option<String>,
    /// The hint's cap, USD.
    pub max_cost: Option<String>,
    /// JSON: the only providers allowed.
    #[schema(value_type = Option<Vec<String>>)]
    pub allow_providers: Option<Json>,
    /// JSON: the providers refused.
    #[schema(value_type = Option<Vec<String>>)]
    pub deny_providers: Option<Json>,
    /// What the caller said the call is for.
    pub task_type: Option<String>,
    /// Bytes of text in the request.
    pub text_bytes: i64,
    /// Images in the request.
    pub images: i64,
    /// Whether it has tools.
    pub tools: bool,
    /// Whether it asks for thinking.
    pub thinking: bool,
    /// The most tokens it wants back.
    pub max_tokens: Option<i64>,
    /// JSON: every eligible candidate, before the floor.
    #[schema(value_type = Option<Vec<Candidate>>)]
    pub candidates: Option<Json>,
    /// The offer chosen.
    pub choice: Option<String>,
    /// The offer that answered.
    pub offer: Option<String>,
    /// JSON: every attempt.
    #[schema(value_type = Option<Vec<Attempt>>)]
    pub attempts: Option<Json>,
    /// Input tokens.
    pub input_tokens: Option<i64>,
    /// Output tokens.
    pub output_tokens: Option<i64>,
    /// Tokens read from the provider's cache.
    pub cache_read_tokens: Option<i64>,
    /// Tokens written to it.
    pub cache_write_tokens: Option<i64>,
    /// Where the token counts are from.
    pub usage_source: Option<String>,
    /// Cost in 1e-9 USD.
    pub cost_nanousd: Option<i64>,
    /// Microseconds from admission to the end.
    pub latency_us: Option<i64>,
    /// Microseconds from admission to the first event.
    pub first_token_us: Option<i64>,
    /// Why the model stopped.
    pub stop_reason: Option<String>,
    /// The status the client got.
    pub http_status: Option<i64>,
    /// The provider's request id.
    pub upstream_request_id: Option<String>,
    /// `x-claude-code-session-id`.
    pub client_session: Option<String>,
    /// `x-claude-code-agent-id`.
    pub client_agent: Option<String>,
    /// `x-claude-code-parent-agent-id`.
    pub client_parent: Option<String>,
    /// The agent's cap for a call, in 1e-9 USD.
    pub call_cap_nanousd: Option<i64>,
}

/// What a routed call was decided from, of an export or of the database: from
/// its opening, which never changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, sqlx::FromRow)]
pub struct Inputs {
    /// `req_…`.
    pub request_id: String,
    /// `agt_…`.
    pub agent_id: String,
    /// The model name as sent.
    pub requested: String,
    /// The day given to the resolver.
    pub resolver_date: Option<String>,
    /// The hint's preference.
    pub preference: Option<String>,
    /// The hint's explicit floor.
    pub min_quality: Option<String>,
    /// The agent's, tenant's, or general floor; none where the agent was not
    /// active.
    pub base_floor: Option<String>,
    /// JSON: each gate and whether it was open.
    pub gates: Option<Json>,
    /// The hint's cap, USD.
    pub max_cost: Option<String>,
    /// The agent's cap for a call, in 1e-9 USD.
    pub call_cap_nanousd: Option<i64>,
    /// JSON: every candidate before the floor; none where the engine was not
    /// asked.
    pub candidates: Option<Json>,
}

/// A candidate, as the columns of a decision hold it.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by its derive alone")]
struct Candidate {
    offer: String,
    /// A decimal.
    quality: String,
    /// What the call was estimated to cost there.
    estimate_nanousd: i64,
}

/// One try of one offer, as the column of a decision holds it.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by its derive alone")]
struct Attempt {
    offer: String,
    /// What came of it.
    #[schema(examples("ok", "skipped_open", "status", "timeout"))]
    outcome: String,
    /// The provider's, where it answered with one.
    http_status: Option<u16>,
    /// Microseconds until that.
    latency_us: i64,
}

/// At most `limit` routed calls before `before`, the latest first.
pub async fn decisions(
    store: &Store,
    before: Option<Key>,
    limit: u32,
) -> Result<Vec<Decision>, StoreError> {
    let sql = "SELECT * FROM routing_outcomes WHERE key < $1 ORDER BY key DESC LIMIT $2";
    Ok(run!(
        store,
        fetch_all,
        sqlx::query_as(sql)
            .bind(before.unwrap_or(Key(i64::MAX)))
            .bind(i64::from(limit))
    )?)
}

/// At most `limit` routed calls after `after`, the earliest first.
pub async fn decisions_after(
    store: &Store,
    after: Key,
    limit: u32,
) -> Result<Vec<Decision>, StoreError> {
    let sql = "SELECT * FROM routing_outcomes WHERE key > $1 ORDER BY key LIMIT $2";
    Ok(run!(
        store,
        fetch_all,
        sqlx::query_as(sql).bind(after).bind(i64::from(limit))
    )?)
}

/// The routed call of this key.
pub async fn decision(store: &Store, key: Key) -> Result<Option<Decision>, StoreError> {
    let sql = "SELECT * FROM routing_outcomes WHERE key = $1";
    Ok(run!(store, fetch_optional, sqlx::query_as(sql).bind(key))?)
}

/// How many routed calls there are of each status, `pending` included.
pub async fn counts(store: &Store) -> Result<Vec<(String, i64)>, StoreError> {
    let sql = "SELECT outcome_status, count(*) FROM routing_outcomes GROUP BY 1 ORDER BY 1";
    Ok(run!(store, fetch_all, sqlx::query_as(sql))?)
}
