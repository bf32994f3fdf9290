//! `GET /v1/inferences/{id}`: the record of one call.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use http::{HeaderMap, Uri};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::{json, own_call};
use crate::catalog::NanoUsd;
use crate::gateway::Gateway;
use crate::gateway::decision::{self, Decision};
use crate::gateway::error::ApiError;
use crate::gateway::headers::Receipt;
use crate::gateway::openapi::records::{InferenceAttempt, InferenceRecords};
use crate::gateway::refusal::spoken;
use crate::store::AgentId;
use crate::store::inferences::Inference;

/// What an inference's id begins with.
const PREFIX: &str = "inf_";

/// A call that was sent to a provider, as it is recorded. What does not exist
/// is left out.
#[derive(Serialize, ToSchema)]
pub struct InferenceRecord<'a> {
    id: String,
    /// Always `inference.record`.
    object: &'static str,
    request_id: String,
    agent_id: String,
    /// The path that was called.
    route: &'a str,
    stream: bool,
    /// How it ended: `succeeded`, `failed`, `interrupted`, `cancelled` or
    /// `abandoned`; `pending` until then.
    status: &'a str,
    /// Why it did not succeed, in a word.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    /// The offer that answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<&'a str>,
    /// When it was admitted (RFC 3339).
    opened_at: String,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    closed_at: Option<String>,
    /// Microseconds from admission to the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    latency_us: Option<i64>,
    /// Microseconds from admission to the provider's first event.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_token_us: Option<i64>,
    /// The status of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    http_status: Option<i64>,
    /// Why the model stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    stop_reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<RecordedUsage<'a>>,
    /// What it cost, in US dollars.
    #[serde(skip_serializing_if = "Option::is_none")]
    cost_usd: Option<String>,
    /// The provider's id of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    upstream_request_id: Option<&'a str>,
    /// Every try, in order.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<InferenceAttempt>, required = false)]
    attempts: Option<&'a RawValue>,
    decision: Decision<'a>,
}

/// Tokens used.
#[derive(Serialize, ToSchema)]
pub struct RecordedUsage<'a> {
    /// Input tokens that no cache served or stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    input_tokens: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_tokens: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_read_tokens: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_write_tokens: Option<i64>,
    /// `reported` by the provider, `estimated`, or `unknown`.
    source: &'a str,
}

impl<'a> InferenceRecord<'a> {
    fn new(call: &'a Inference, agent: AgentId) -> Self {
        let offer = call.offer.as_deref();
        Self {
            id: call.key.inference_id(),
            object: "inference.record",
            request_id: call.key.request_id(),
            agent_id: agent.to_string(),
            route: &call.route,
            stream: call.stream,
            status: &call.status,
            reason: call.reason.as_deref(),
            model: offer,
            provider: offer.and_then(provider),
            opened_at: time(call.opened_us),
            closed_at: call.closed_us.map(time),
            latency_us: call.latency_us,
            first_token_us: call.first_token_us,
            http_status: call.http_status,
            stop_reason: call.stop_reason.as_deref(),
            usage: RecordedUsage::of(call),
            cost_usd: call.cost_nanousd.map(|cost| NanoUsd(cost).to_string()),
            upstream_request_id: call.upstream_request_id.as_deref(),
            attempts: call
                .attempts
                .as_deref()
                .and_then(|json| serde_json::from_str(json).ok()),
            decision: decision::recorded(call),
        }
    }
}

/// The record of a call.
#[utoipa::path(
    get,
    path = "/v1/inferences/{id}",
    tag = "Records",
    operation_id = "getInference",
    summary = "Tells of a call that was made.",
    description = "Of calls of the key's own agent. Whoever saw the end of an answer finds it settled.",
    params(("id" = String, Path, description = "As `x-ainfera-inference-id` has it.", min_length = 1, example = "inf_03792578ec401000")),
    responses(InferenceRecords)
)]
pub async fn get_inference(
    State(gateway): State<Arc<Gateway>>,
    uri: Uri,
    headers: HeaderMap,
    id: Result<Path<String>, PathRejection>,
) -> Response {
    let mut receipt = Receipt::new(gateway.records.key(), spoken(&uri, &headers));
    match look(&gateway, &headers, id, &mut receipt).await {
        Ok(response) => response,
        Err(error) => error.respond(&receipt),
    }
}

async fn look(
    gateway: &Gateway,
    headers: &HeaderMap,
    id: Result<Path<String>, PathRejection>,
    receipt: &mut Receipt,
) -> Result<Response, ApiError> {
    let (call, agent) = own_call(gateway, headers, (PREFIX, id), unknown, receipt).await?;
    json(&InferenceRecord::new(&call, agent), receipt)
}

/// 404, whether there is none or it is another's.
pub fn unknown() -> ApiError {
    ApiError::not_found(
        "this key's agent made no such call; ids are those of the header `x-ainfera-inference-id`",
    )
}

impl<'a> RecordedUsage<'a> {
    /// What is recorded of `call`'s.
    pub(super) fn of(call: &'a Inference) -> Option<Self> {
        call.usage_source.as_deref().map(|source| Self {
            input_tokens: call.input_tokens,
            output_tokens: call.output_tokens,
            cache_read_tokens: call.cache_read_tokens,
            cache_write_tokens: call.cache_write_tokens,
            source,
        })
    }
}

/// The venue of an offer.
pub(super) fn provider(offer: &str) -> Option<&str> {
    offer.rsplit_once('@').map(|(_, provider)| provider)
}

/// Microseconds since the Unix epoch as RFC 3339 has them.
pub(super) fn time(us: i64) -> String {
    Timestamp::from_microsecond(us)
        .unwrap_or_default()
        .to_string()
}
