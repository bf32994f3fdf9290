//! The attributes and metrics of OpenTelemetry, each spelt once.
//!
//! `gen_ai.*` as in the semantic conventions 1.42 for generative AI, which are in
//! development and may still change:
//! <https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/>,
//! <https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-metrics/>.
//! `error.*`, `http.*` and `server.*` as in those for HTTP, which are stable:
//! <https://opentelemetry.io/docs/specs/semconv/http/http-spans/>.

/// What is done: always [`CHAT`].
pub const OPERATION: &str = "gen_ai.operation.name";
/// The operation of every call.
pub const CHAT: &str = "chat";
/// The provider, as the catalog names it.
pub const PROVIDER: &str = "gen_ai.provider.name";
/// Of a call, the name that the client sent; of an attempt, the model's slug.
pub const REQUEST_MODEL: &str = "gen_ai.request.model";
/// The most tokens that the client wants back.
pub const MAX_TOKENS: &str = "gen_ai.request.max_tokens";
/// Whether the answer was to be streamed.
pub const STREAM: &str = "gen_ai.request.stream";
/// The slug of the model that answered.
pub const RESPONSE_MODEL: &str = "gen_ai.response.model";
/// Why the model stopped.
pub const FINISH_REASONS: &str = "gen_ai.response.finish_reasons";
/// Seconds from an attempt's request to the first event of its stream.
pub const FIRST_CHUNK: &str = "gen_ai.response.time_to_first_chunk";
/// All input tokens, cached ones included.
pub const INPUT_TOKENS: &str = "gen_ai.usage.input_tokens";
/// All output tokens.
pub const OUTPUT_TOKENS: &str = "gen_ai.usage.output_tokens";
/// Of the input tokens, those read from the provider's cache.
pub const CACHE_READ_TOKENS: &str = "gen_ai.usage.cache_read.input_tokens";
/// Of the input tokens, those written to it.
pub const CACHE_CREATION_TOKENS: &str = "gen_ai.usage.cache_creation.input_tokens";
/// `input` or `output`.
pub const TOKEN_TYPE: &str = "gen_ai.token.type";
/// Why it is an error, in a word.
pub const ERROR_TYPE: &str = "error.type";
/// The path that was called.
pub const ROUTE: &str = "http.route";
/// Of a call, what the client got; of an attempt, what the provider answered.
pub const STATUS_CODE: &str = "http.response.status_code";
/// The provider's host.
pub const SERVER_ADDRESS: &str = "server.address";
/// The provider's port.
pub const SERVER_PORT: &str = "server.port";

/// `req_…`.
pub const REQUEST_ID: &str = "ainfera.request.id";
/// `inf_…`, of a call that a provider was called for.
pub const INFERENCE_ID: &str = "ainfera.inference.id";
/// Whose agent called.
pub const TENANT: &str = "ainfera.tenant.id";
/// Which agent called.
pub const AGENT: &str = "ainfera.agent.id";
/// Who chose the offer: `policy` or `direct`.
pub const ROUTER: &str = "ainfera.router";
/// The active generation of a routed call.
pub const GENERATION: &str = "ainfera.generation";
/// The floor of a routed call.
pub const FLOOR: &str = "ainfera.floor";
/// How it ended, in the record's words.
pub const OUTCOME: &str = "ainfera.outcome";
/// Why, where a call did not succeed.
pub const REASON: &str = "ainfera.reason";
/// What the call cost, USD.
pub const COST: &str = "ainfera.cost_usd";
/// Where the tokens are from: `reported`, `estimated`, `unknown`.
pub const USAGE_SOURCE: &str = "ainfera.usage_source";
/// The provider's id of the request.
pub const UPSTREAM_ID: &str = "ainfera.upstream_request.id";
/// An event: an offer that was passed over as its breaker is open.
pub const SKIPPED: &str = "ainfera.offer_skipped";

/// Of calls, from admission to their end, seconds.
pub const SERVER_DURATION: &str = "gen_ai.server.request.duration";
/// Of streams, from admission to the first event, seconds.
pub const SERVER_FIRST_TOKEN: &str = "gen_ai.server.time_to_first_token";
/// Of attempts, until their answer is whole or they failed, seconds.
pub const CLIENT_DURATION: &str = "gen_ai.client.operation.duration";
/// Of attempts that are streamed, to the first event, seconds.
pub const CLIENT_FIRST_CHUNK: &str = "gen_ai.client.operation.time_to_first_chunk";
/// Tokens of a call.
pub const TOKEN_USAGE: &str = "gen_ai.client.token.usage";
/// Calls by their end.
pub const CALLS: &str = "ainfera.calls";
/// Calls of a provider without an open record.
pub const DISPATCH_WITHOUT_CAPTURE: &str = "ainfera.dispatch_without_capture";
/// Rows of routed calls for names that the catalog has.
pub const PASSTHROUGH_CAPTURED: &str = "ainfera.passthrough_captured";
