//! `changes`: proposals to fill slots anew.

use std::collections::BTreeMap;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::body::Params;
use super::error::ApiError;
use super::{ACTOR, AdminState, body};
use crate::lifecycle::Proposed;
use crate::lifecycle::report::Report;
use crate::lifecycle::statement::Subject;
use crate::policy::Slot;
use crate::policy::set::Digests;
use crate::store::changes::ChangeState;
use crate::store::{ChangeId, Digest};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Proposal {
    slots: BTreeMap<Slot, Digest>,
}

/// A change, as this API shows it.
#[derive(Serialize)]
struct Change {
    id: ChangeId,
    state: ChangeState,
    proposed_us: i64,
    actor: String,
    base_generation: i64,
    base: Digests,
    result: Digests,
    report_sha256: Digest,
    fingerprint: String,
    /// What a founder signs, but for window and nonce.
    payload: Subject,
    report: Report,
}

impl From<Proposed> for Change {
    fn from(proposed: Proposed) -> Self {
        let Proposed {
            subject,
            report,
            state,
            proposed_us,
            actor,
        } = proposed;
        Self {
            id: subject.change,
            state,
            proposed_us,
            actor,
            base_generation: subject.base.generation,
            base: subject.base.digests,
            result: subject.result,
            report_sha256: subject.report_sha256,
            fingerprint: subject.fingerprint.clone(),
            payload: subject,
            report,
        }
    }
}

#[derive(Serialize)]
struct List {
    changes: Vec<Change>,
}

/// A page: the latest ones, or those before `before`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Page {
    limit: Option<u32>,
    before: Option<ChangeId>,
}

/// `POST changes`: 201 with the report.
pub(super) async fn propose(
    State(state): State<AdminState>,
    body: Body,
) -> Result<impl IntoResponse, ApiError> {
    let (proposal, _) = body::json::<Proposal>(body).await?;
    let proposed = state.lifecycle.propose(proposal.slots, ACTOR).await?;
    Ok((StatusCode::CREATED, Json(Change::from(proposed))))
}

/// `GET changes`.
pub(super) async fn list(
    State(state): State<AdminState>,
    Params(page): Params<Page>,
) -> Result<impl IntoResponse, ApiError> {
    let changes = state
        .lifecycle
        .changes(page.before, body::limit(page.limit))
        .await?;
    Ok(Json(List {
        changes: changes.into_iter().map(Change::from).collect(),
    }))
}

/// `GET changes/{id}`.
pub(super) async fn one(
    State(state): State<AdminState>,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, ApiError> {
    Ok(Json(Change::from(find(&state, &id).await?)))
}

/// `GET changes/{id}/report`.
pub(super) async fn report(
    State(state): State<AdminState>,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, ApiError> {
    Ok(Json(find(&state, &id).await?.report))
}

async fn find(state: &AdminState, id: &str) -> Result<Proposed, ApiError> {
    let change = state.lifecycle.change(body::id(id)?).await?;
    change.ok_or_else(|| {
        ApiError::not_found("there is no such change; `GET /admin/v1/changes` lists them")
    })
}
