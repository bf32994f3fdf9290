//! `GET /v1/agents/{id}/audit`: the audit log as one of its agents may see it.
//!
//! A page is a run of one chain without a gap. Events of others stand there by
//! their digests, so each link can be computed from the one before.

use std::str::FromStr;
use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use http::{HeaderMap, Uri};
use serde::Serialize;
use utoipa::ToSchema;

use super::page::PageQuery;
use super::{json, settled, unreadable};
use crate::audit::line::is_of;
use crate::gateway::error::ApiError;
use crate::gateway::headers::Receipt;
use crate::gateway::openapi::records::AuditPages;
use crate::gateway::refusal::spoken;
use crate::gateway::{Gateway, auth};
use crate::store::audit::{AuditRow, beside, link_before};
use crate::store::{AgentId, Digest, Json};

/// A run of one chain without a gap. For each event, link =
/// SHA-256(the link before ‖ digest), as bytes.
#[derive(Serialize, ToSchema)]
pub struct AuditPage {
    /// Always `audit.page`.
    object: &'static str,
    agent_id: String,
    /// The chain; left out where there are no events.
    #[serde(skip_serializing_if = "Option::is_none")]
    chain: Option<i64>,
    /// The link that the first event continues.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    previous_link: Option<Digest>,
    /// The latest last.
    events: Vec<AuditEvent>,
    /// To ask for what comes before this page.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<String>,
    /// To ask for what comes after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

/// An event.
#[derive(Serialize, ToSchema)]
pub struct AuditEvent {
    /// Its place in the chain, 1 for the first.
    seq: i64,
    /// SHA-256 of the body, byte for byte, in hexadecimal digits.
    #[schema(value_type = String)]
    digest: Digest,
    #[schema(value_type = String)]
    link: Digest,
    /// What happened; left out where it is another's. `at` is in microseconds
    /// since the Unix epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Object, required = false)]
    body: Option<Json>,
}

/// A page of the audit log.
#[utoipa::path(
    get,
    path = "/v1/agents/{id}/audit",
    tag = "Records",
    operation_id = "listAuditEvents",
    summary = "Tells what is on audit of the key's agent.",
    description = "Pages go both ways from the latest. Each is a run of one chain without a gap, and verifies on its own; events of others are shown by their digests.",
    params(
        ("id" = String, Path, description = "As `x-ainfera-agent-id` has it.", min_length = 1, example = "agt_0379257700000001"),
        PageQuery
    ),
    responses(AuditPages)
)]
pub async fn get_audit(
    State(gateway): State<Arc<Gateway>>,
    uri: Uri,
    headers: HeaderMap,
    id: Result<Path<String>, PathRejection>,
) -> Response {
    let mut receipt = Receipt::new(gateway.records.key(), spoken(&uri, &headers));
    match page(&gateway, &uri, &headers, id, &mut receipt).await {
        Ok(response) => response,
        Err(error) => error.respond(&receipt),
    }
}

async fn page(
    gateway: &Gateway,
    uri: &Uri,
    headers: &HeaderMap,
    id: Result<Path<String>, PathRejection>,
    receipt: &mut Receipt,
) -> Result<Response, ApiError> {
    let agent = auth::admit(headers, &gateway.callers, receipt)?.agent;
    let Path(id) = id.map_err(|_| unknown())?;
    if AgentId::from_str(&id) != Ok(agent) {
        return Err(unknown());
    }
    let query = PageQuery::read(uri)?;
    settled(gateway).await?;
    let (from, after) = query.from()?;
    let rows = beside(&gateway.store, from, after, query.limit())
        .await
        .map_err(unreadable)?;
    let first = rows.first().map(|row| (row.chain, row.seq));
    let previous_link = match first {
        Some((chain, seq)) => link_before(&gateway.store, chain, seq)
            .await
            .map_err(unreadable)?,
        None => None,
    };
    let cursor = |(chain, seq)| format!("{chain}.{seq}");
    let last = rows.last().map(|row| (row.chain, row.seq));
    let page = AuditPage {
        object: "audit.page",
        agent_id: agent.to_string(),
        chain: first.map(|(chain, _)| chain),
        previous_link,
        before: first.map(cursor),
        after: last.map(cursor),
        events: rows.into_iter().map(|row| shown(row, agent)).collect(),
    };
    json(&page, receipt)
}

/// An event as `agent` may see it.
fn shown(row: AuditRow, agent: AgentId) -> AuditEvent {
    AuditEvent {
        seq: row.seq,
        digest: Digest::of(row.body.as_bytes()),
        link: row.link,
        body: is_of(&row.body, agent).then_some(Json(row.body)),
    }
}

/// 404, whether there is none or it is another's.
pub fn unknown() -> ApiError {
    ApiError::not_found("this key is no key of that agent; its own id is in `x-ainfera-agent-id`")
}
