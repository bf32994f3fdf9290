//! Dispatched calls, as their own agents read them. Decimals stay the texts
//! that were stored.

use super::on::run;
use super::{AgentId, Json, Key, Store, StoreError};

/// A dispatched call, routed or pinned.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Inference {
    /// Its key.
    pub key: Key,
    /// `policy` or `direct`.
    pub router: String,
    /// The path that was called.
    pub route: String,
    /// Whether the answer was to be streamed.
    pub stream: bool,
    /// The model name as sent.
    pub requested: String,
    /// The routing target.
    pub canonical: Option<String>,
    /// The active generation.
    pub generation: Option<i64>,
    /// The hint's preference.
    pub preference: Option<String>,
    /// The agent's, tenant's, or general floor.
    pub base_floor: Option<String>,
    /// What the dial made of it.
    pub dialled: Option<String>,
    /// The floor that held.
    pub floor: Option<String>,
    /// The catalog version.
    pub catalog_version: Option<i64>,
    /// Every eligible candidate, before the floor.
    pub candidates: Option<Json>,
    /// The offer chosen.
    pub choice: Option<String>,
    /// When it was admitted; microseconds since the Unix epoch.
    pub opened_us: i64,
    /// When it ended.
    pub closed_us: Option<i64>,
    /// How it ended; `pending` until then.
    pub status: String,
    /// Why it did not succeed.
    pub reason: Option<String>,
    /// The offer that answered.
    pub offer: Option<String>,
    /// Every attempt.
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
    /// What was held for it when it opened, in 1e-9 USD.
    pub hold_nanousd: Option<i64>,
    /// What was charged when it ended; none where nothing was.
    pub charged_nanousd: Option<i64>,
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
}

/// The dispatched call of this key, if it is this agent's: a look-up by the
/// key alone.
pub async fn of_agent(
    store: &Store,
    key: Key,
    agent: AgentId,
) -> Result<Option<Inference>, StoreError> {
    let sql = "SELECT o.key, o.router, o.route, o.stream, o.requested, o.canonical, o.generation,
                   o.preference, o.base_floor, o.dialled, o.floor, o.catalog_version,
                   o.candidates, o.choice, o.at_us AS opened_us, c.at_us AS closed_us,
                   coalesce(c.status, 'pending') AS status, c.reason, c.offer, c.attempts,
                   c.input_tokens, c.output_tokens, c.cache_read_tokens, c.cache_write_tokens,
                   c.usage_source, c.cost_nanousd, o.hold_nanousd, c.charged_nanousd, c.latency_us, c.first_token_us,
                   c.stop_reason, c.http_status, c.upstream_request_id
               FROM call_opened o LEFT JOIN call_closed c ON c.key = o.key
               WHERE o.key = $1 AND o.agent = $2 AND o.dispatched";
    Ok(run!(
        store,
        fetch_optional,
        sqlx::query_as(sql).bind(key).bind(agent)
    )?)
}
