//! `audit`: the chains and their events, ready to be verified.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::body::Params;
use super::error::ApiError;
use super::{AdminState, body};
use crate::store::Digest;
use crate::store::audit::{self, AuditChain, AuditRow, CONTROL_CHAIN};

/// A page of one chain (none: the control chain) after the place `after`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Page {
    chain: Option<i64>,
    after: Option<i64>,
    limit: Option<u32>,
}

#[derive(Serialize)]
struct Events {
    chain: i64,
    events: Vec<Event>,
}

/// An event. `digest` is the SHA-256 of `body` as it stands here, byte for
/// byte; `link` that of the previous link and `digest`.
#[derive(Serialize)]
struct Event {
    seq: i64,
    body: Option<Box<RawValue>>,
    digest: Digest,
    link: Digest,
}

impl From<AuditRow> for Event {
    fn from(row: AuditRow) -> Self {
        Self {
            seq: row.seq,
            digest: Digest::of(row.body.as_bytes()),
            body: RawValue::from_string(row.body).ok(),
            link: row.link,
        }
    }
}

#[derive(Serialize)]
struct Chains {
    chains: Vec<Chain>,
}

#[derive(Serialize)]
struct Chain {
    chain: i64,
    kind: String,
    started_us: i64,
    previous_chain: Option<i64>,
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

/// `GET audit`.
pub(super) async fn page(
    State(state): State<AdminState>,
    Params(page): Params<Page>,
) -> Result<impl IntoResponse, ApiError> {
    let chain = page.chain.unwrap_or(CONTROL_CHAIN);
    let rows = audit::page(
        &state.store,
        chain,
        page.after.unwrap_or(0),
        body::limit(page.limit),
    )
    .await?;
    Ok(Json(Events {
        chain,
        events: rows.into_iter().map(Event::from).collect(),
    }))
}

/// `GET audit/chains`.
pub(super) async fn chains(State(state): State<AdminState>) -> Result<impl IntoResponse, ApiError> {
    let chains = audit::chains(&state.store)
        .await?
        .into_iter()
        .map(Chain::from)
        .collect();
    Ok(Json(Chains { chains }))
}
