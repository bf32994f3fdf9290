//! The names of metrics and labels, each spelt once.
//!
//! Where OpenTelemetry's semantic conventions (GenAI, HTTP, errors) have a name
//! it is taken, in the form that Prometheus gives it: underscores for dots, the
//! unit at the end. The others begin with `ainfera_`. The text format appends
//! `_total` to counters.
//! <https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-metrics/>

/// `gen_ai.provider.name`: the provider, as the catalog names it.
pub const PROVIDER: &str = "gen_ai_provider_name";
/// `gen_ai.request.model`: the model's slug.
pub const MODEL: &str = "gen_ai_request_model";
/// `gen_ai.token.type`.
pub const TOKEN_TYPE: &str = "gen_ai_token_type";
/// `http.route`: the path that was called.
pub const ROUTE: &str = "http_route";
/// `http.response.status_code`: of a provider.
pub const STATUS_CODE: &str = "http_response_status_code";
/// `error.type`: the gateway's code of an error, or the kind of a fault.
pub const ERROR_TYPE: &str = "error_type";

/// `gen_ai.server.request.duration`.
pub const SERVER_DURATION: &str = "gen_ai_server_request_duration_seconds";
/// `gen_ai.server.time_to_first_token`.
pub const SERVER_FIRST_TOKEN: &str = "gen_ai_server_time_to_first_token_seconds";
/// `gen_ai.client.operation.duration`.
pub const CLIENT_DURATION: &str = "gen_ai_client_operation_duration_seconds";
/// `gen_ai.client.operation.time_to_first_chunk`.
pub const CLIENT_FIRST_CHUNK: &str = "gen_ai_client_operation_time_to_first_chunk_seconds";
/// `gen_ai.client.token.usage`.
pub const TOKEN_USAGE: &str = "gen_ai_client_token_usage";

/// Who chose the offer: `policy` or `direct`.
pub const ROUTER: &str = "router";
/// How a call ended, as in its record.
pub const STATUS: &str = "status";
/// How an attempt ended, as in its call's record.
pub const OUTCOME: &str = "outcome";
/// The name that a client used.
pub const LEGACY: &str = "legacy";
/// The routing target that it stands for.
pub const CANONICAL: &str = "canonical";
/// A step of the policy: `classify` or `floor`.
pub const STEP: &str = "step";
/// A part of the gateway's own time: `before_dispatch` or `after_answer`.
pub const PHASE: &str = "phase";
/// What was not exported: `calls`, `spans` or `metrics`.
pub const WHAT: &str = "what";
/// The name of a gate.
pub const GATE: &str = "gate";
/// The version of the binary.
pub const VERSION: &str = "version";

/// Providers that were called without an open record.
pub const DISPATCH_WITHOUT_CAPTURE: &str = "ainfera_dispatch_without_capture";
/// Rows of routed calls for names that are in the catalog.
pub const PASSTHROUGH_CAPTURED: &str = "ainfera_passthrough_captured";
/// Calls by their end.
pub const CALLS: &str = "ainfera_calls";
/// Tries of offers.
pub const ATTEMPTS: &str = "ainfera_attempts";
/// Tokens by kind.
pub const TOKENS: &str = "ainfera_tokens";
/// Cost.
pub const COST: &str = "ainfera_cost_usd";
/// Errors that clients were answered with.
pub const ERRORS: &str = "ainfera_errors";
/// Answers that were given again.
pub const REPLAYED: &str = "ainfera_idempotency_replayed";
/// Routed calls by an alias.
pub const ALIAS_HITS: &str = "ainfera_router_alias_hit";
/// The policy's time for a call.
pub const POLICY_DURATION: &str = "ainfera_policy_evaluation_seconds";
/// Faults of policy components.
pub const POLICY_FAULTS: &str = "ainfera_policy_faults";
/// The active generation.
pub const GENERATION: &str = "ainfera_policy_generation";
/// Calls that a shadow saw.
pub const SHADOW: &str = "ainfera_shadow_calls";
/// The gates.
pub const GATE_OPEN: &str = "ainfera_gate_open";
/// The catalog's version.
pub const CATALOG_VERSION: &str = "ainfera_catalog_version";
/// The gateway's own time.
pub const ADDED: &str = "ainfera_added_latency_seconds";
/// Breakers.
pub const BREAKER: &str = "ainfera_breaker_state";
/// Calls under way.
pub const OPEN_CALLS: &str = "ainfera_open_calls";
/// Writes that wait for the writer.
pub const QUEUE: &str = "ainfera_records_queue";
/// Ends of calls that wait for the database to come back.
pub const KEPT: &str = "ainfera_records_kept";
/// Whether the database takes writes.
pub const AVAILABLE: &str = "ainfera_records_available";
/// Writes of one commit.
pub const COMMIT_WRITES: &str = "ainfera_records_commit_writes";
/// Time of one commit.
pub const COMMIT_DURATION: &str = "ainfera_records_commit_seconds";
/// What was not exported over OTLP.
pub const OTLP_DROPPED: &str = "ainfera_otlp_dropped";
/// The binary.
pub const BUILD: &str = "ainfera_build";
