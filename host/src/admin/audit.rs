//! `audit`: the chains and their events, ready to be verified.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::body::Params;
use super::error::{ApiError, ErrorBody};
use super::{AdminState, body};
use crate::store::Digest;
use crate::store::audit::{self, AuditChain, AuditRow, CONTROL_CHAIN, row_id, row_place};

/// A page of one chain.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Page {
    /// The chain; else 0, the control chain.
    #[param(minimum = 0)]
    chain: Option<i64>,
    /// The place of an event in the chain: the page begins after it.
    #[param(minimum = 0)]
    after: Option<i64>,
    /// 1 to 1,000; else 50.
    limit: Option<u32>,
}

/// Events of one chain, the earliest first.
#[derive(Serialize, ToSchema)]
pub(super) struct AuditPage {
    chain: i64,
    events: Vec<AuditEvent>,
}

/// An event.
#[derive(Serialize, ToSchema)]
pub(super) struct AuditEvent {
    /// Its place in the chain, 1 for the first.
    seq: i64,
    #[schema(value_type = Option<AuditBody>)]
    body: Option<Box<RawValue>>,
    /// SHA-256 of `body` as it stands here, byte for byte.
    digest: Digest,
    /// SHA-256 of the link before and `digest`, as bytes.
    link: Digest,
}

/// What happened.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by its derive alone")]
struct AuditBody {
    /// Whose it is, where it is an agent's.
    #[schema(required = false, example = "agt_0379257800000001")]
    agent: String,
    /// Microseconds since the Unix epoch.
    at: i64,
    /// What it is about.
    #[schema(value_type = Object)]
    data: (),
    #[schema(example = "policy.activated")]
    event: String,
    #[schema(required = false, example = "tnt_0379257800000000")]
    tenant: String,
}

impl From<AuditRow> for AuditEvent {
    fn from(row: AuditRow) -> Self {
        Self {
            seq: row.seq,
            digest: Digest::of(row.body.as_bytes()),
            body: RawValue::from_string(row.body).ok(),
            link: row.link,
        }
    }
}

/// Every chain, by number.
#[derive(Serialize, ToSchema)]
pub(super) struct Chains {
    chains: Vec<Chain>,
}

/// A chain.
#[derive(Serialize, ToSchema)]
pub(super) struct Chain {
    chain: i64,
    /// `control`, or `writer` for that of a start of the gateway.
    kind: String,
    /// Microseconds since the Unix epoch.
    started_us: i64,
    /// The chain that it continues.
    previous_chain: Option<i64>,
    /// The link that its first event continues from.
    previous_link: Digest,
}

impl From<AuditChain> for Chain {
    fn from(chain: AuditChain) -> Self {
        let AuditChain {
            chain,
            kind,
            started_us,
            previous_chain,
            previous_link,
        } = chain;
        Self {
            chain,
            kind,
            started_us,
            previous_chain,
            previous_link,
        }
    }
}

/// A page of one audit chain.
#[utoipa::path(
    get,
    path = "/admin/v1/audit",
    tag = "Records",
    params(Page),
    responses(
        (status = 200, description = "The events; none where there is no such chain.", body = AuditPage),
        (status = 400, description = "`invalid_request`: there is no such page.", body = ErrorBody)
    )
)]
pub(super) async fn list_audit_events(
    State(state): State<AdminState>,
    Params(page): Params<Page>,
) -> Result<impl IntoResponse, ApiError> {
    let (chain, after) = (page.chain.unwrap_or(CONTROL_CHAIN), page.after.unwrap_or(0));
    if row_place(row_id(chain, after)) != (chain, after) {
        return Err(ApiError::bad_request(
            "no chain has this number, or none this place",
        ));
    }
    let rows = audit::page(&state.store, chain, after, body::limit(page.limit)).await?;
    Ok(Json(AuditPage {
        chain,
        events: rows.into_iter().map(AuditEvent::from).collect(),
    }))
}

/// Every audit chain.
#[utoipa::path(
    get,
    path = "/admin/v1/audit/chains",
    tag = "Records",
    responses((status = 200, description = "The chains.", body = Chains))
)]
pub(super) async fn list_audit_chains(
    State(state): State<AdminState>,
) -> Result<impl IntoResponse, ApiError> {
    let chains = audit::chains(&state.store)
        .await?
        .into_iter()
        .map(Chain::from)
        .collect();
    Ok(Json(Chains { chains }))
}
