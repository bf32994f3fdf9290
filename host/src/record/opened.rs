//! What is kept of a call when it is admitted.

use std::sync::Arc;
use std::time::Instant;

use rust_decimal::Decimal;

use super::claim::Claim;
use super::hold::{Hold, day_of};
use super::words::Router;
use crate::store::calls::Inputs;
use crate::store::{AgentId, Digest, Json, Key, TenantId};
use crate::telemetry::otlp::TraceParent;

/// A call when it is admitted: all that is needed to decide it again. What does
/// not apply (a floor of a pinned call, a generation where the policy was not
/// asked) is none.
#[derive(Clone, Debug)]
pub struct Opened {
    /// Its key.
    pub key: Key,
    /// What chose the offer.
    pub router: Router,
    /// Whose agent called.
    pub tenant: TenantId,
    /// Which agent called.
    pub agent: AgentId,
    /// When it came; microseconds since the Unix epoch.
    pub at_us: i64,
    /// The same moment, from which latency is counted.
    pub started: Instant,
    /// The path that was called.
    pub route: &'static str,
    /// Whether the answer is to be streamed.
    pub stream: bool,
    /// The model name as sent.
    pub requested: String,
    /// The routing target that it means.
    pub canonical: Option<Arc<str>>,
    /// Whether it is an alias of that.
    pub alias: bool,
    /// The day given to the resolver.
    pub resolver_date: Option<jiff::civil::Date>,
    /// The hint's preference, as sent.
    pub preference: Option<String>,
    /// The hint's explicit floor.
    pub min_quality: Option<Decimal>,
    /// The agent's, tenant's, or general floor.
    pub base_floor: Option<Decimal>,
    /// What the dial made of it.
    pub dialled: Option<Decimal>,
    /// The floor that holds.
    pub floor: Option<Decimal>,
    /// The hint's cap, USD.
    pub max_cost: Option<Decimal>,
    /// The hint's only providers.
    pub allow_providers: Option<Vec<String>>,
    /// The hint's refused providers.
    pub deny_providers: Option<Vec<String>>,
    /// What the caller said the call is for.
    pub task_type: Option<String>,
    /// JSON: each gate and whether it was open.
    pub gates: Option<Arc<str>>,
    /// The active generation.
    pub generation: Option<i64>,
    /// The generation that decided: an earlier one where the active one faulted.
    pub decided_by: Option<i64>,
    /// The generation that faulted.
    pub faulted_generation: Option<i64>,
    /// The catalog version.
    pub catalog_version: Option<i64>,
    /// Hexadecimal: which offers could be called at all.
    pub eligibility_mask: Option<Arc<str>>,
    /// Hash over digests, gates, and catalog version.
    pub ruleset_hash: Option<Digest>,
    /// UTF-8 bytes of text in the request.
    pub text_bytes: u64,
    /// Images in the request.
    pub images: u32,
    /// Whether it has tools.
    pub tools: bool,
    /// Whether it asks for thinking.
    pub thinking: bool,
    /// The most tokens that it wants back.
    pub max_tokens: Option<u64>,
    /// Compact JSON: every eligible candidate before the floor, with quality
    /// and estimate.
    pub candidates: Option<String>,
    /// The offer chosen.
    pub choice: Option<Arc<str>>,
    /// Whether a provider is going to be called: then there is an inference.
    pub dispatched: bool,
    /// `x-claude-code-session-id`.
    pub client_session: Option<String>,
    /// `x-claude-code-agent-id`.
    pub client_agent: Option<String>,
    /// `x-claude-code-parent-agent-id`.
    pub client_parent: Option<String>,
    /// The caller's span.
    pub parent: Option<TraceParent>,
    /// What is held for it, where a provider is going to be called.
    pub hold: Option<Hold>,
    /// The agent's cap for a call, in 1e-9 USD.
    pub call_cap_nanousd: Option<i64>,
    /// The idempotency key that it takes.
    pub claim: Option<Claim>,
}

impl Opened {
    /// A call that comes now, of which nothing else is known yet.
    #[must_use]
    pub fn new(
        key: Key,
        router: Router,
        tenant: TenantId,
        agent: AgentId,
        route: &'static str,
        requested: String,
    ) -> Self {
        Self {
            key,
            router,
            tenant,
            agent,
            at_us: crate::store::now_us(),
            started: Instant::now(),
            route,
            stream: false,
            requested,
            canonical: None,
            alias: false,
            resolver_date: None,
            preference: None,
            min_quality: None,
            base_floor: None,
            dialled: None,
            floor: None,
            max_cost: None,
            allow_providers: None,
            deny_providers: None,
            task_type: None,
            gates: None,
            generation: None,
            decided_by: None,
            faulted_generation: None,
            catalog_version: None,
            eligibility_mask: None,
            ruleset_hash: None,
            text_bytes: 0,
            images: 0,
            tools: false,
            thinking: false,
            max_tokens: None,
            candidates: None,
            choice: None,
            dispatched: false,
            client_session: None,
            client_agent: None,
            client_parent: None,
            parent: None,
            hold: None,
            call_cap_nanousd: None,
            claim: None,
        }
    }

    /// What is held for it, in 1e-9 USD: nothing for a call that is not made.
    #[must_use]
    pub fn held_nanousd(&self) -> Option<i64> {
        self.hold
            .filter(|_| self.dispatched)
            .map(|hold| hold.nanousd)
    }
}

/// Which call, and whose: what its end needs to know of its beginning.
#[derive(Clone, Copy, Debug)]
pub(super) struct CallRef {
    pub(super) key: Key,
    pub(super) router: Router,
    pub(super) tenant: TenantId,
    pub(super) agent: AgentId,
    pub(super) dispatched: bool,
    /// What is held for it, in 1e-9 USD.
    pub(super) hold_nanousd: Option<i64>,
    /// The UTC day on which it came, counted from the Unix epoch.
    pub(super) day: i64,
    /// Whether it has an idempotency key.
    pub(super) claims: bool,
}

impl CallRef {
    pub(super) fn of(opened: &Opened) -> Self {
        Self {
            key: opened.key,
            router: opened.router,
            tenant: opened.tenant,
            agent: opened.agent,
            dispatched: opened.dispatched,
            hold_nanousd: opened.held_nanousd(),
            day: day_of(opened.at_us),
            claims: opened.claim.is_some(),
        }
    }
}

/// What it was decided from, as it will be read from its row.
impl From<&Opened> for Inputs {
    fn from(opened: &Opened) -> Self {
        let text = |decimal: Option<Decimal>| decimal.map(|decimal| decimal.to_string());
        Self {
            request_id: opened.key.request_id(),
            agent_id: opened.agent.to_string(),
            requested: opened.requested.clone(),
            resolver_date: opened.resolver_date.map(|date| date.to_string()),
            preference: opened.preference.clone(),
            min_quality: text(opened.min_quality),
            base_floor: text(opened.base_floor),
            gates: opened.gates.as_deref().map(|gates| Json(gates.to_owned())),
            max_cost: text(opened.max_cost),
            call_cap_nanousd: opened.call_cap_nanousd,
            candidates: opened.candidates.clone().map(Json),
        }
    }
}
