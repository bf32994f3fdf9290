//! `changes`: proposals to fill slots anew.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::auth::Caller;
use super::body::{Params, Path};
use super::error::{ApiError, ErrorBody};
use super::prefer::Prefer;
use super::work::{self, Work};
use super::{AdminState, body, decisions};
use crate::lifecycle::replay::Window;
use crate::lifecycle::report::{Report, Timings};
use crate::lifecycle::statement::Subject;
use crate::lifecycle::{Proposed, Signed};
use crate::policy::Slot;
use crate::policy::set::Digests;
use crate::store::changes::ChangeState;
use crate::store::{ChangeId, Digest};

/// Which components are to fill which slots.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Proposal {
    /// At least one; the other slots stay as they are.
    #[schema(example = json!({"preference-dial": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}))]
    slots: BTreeMap<Slot, Digest>,
    /// Which recorded decisions its report decides again; else the latest
    /// 10,000.
    #[serde(default)]
    #[schema(required = false)]
    replay: Window,
}

/// A change.
#[derive(Serialize, ToSchema)]
pub(super) struct Change {
    #[schema(value_type = String, example = "chg_0379257800000003")]
    id: ChangeId,
    state: ChangeState,
    /// Microseconds since the Unix epoch.
    proposed_us: i64,
    /// Who proposed it.
    actor: String,
    /// The generation that it replaces.
    base_generation: i64,
    /// The digests of that.
    base: Digests,
    /// The digests after it.
    result: Digests,
    /// SHA-256 of the report as canonical JSON (RFC 8785).
    report_sha256: Digest,
    /// The engine on which the components were verified.
    fingerprint: String,
    /// What a founder signs, but for window and nonce.
    payload: Subject,
    /// The founder keys that have signed it, and count.
    signatures: BTreeSet<String>,
    /// How many founders have to.
    threshold: usize,
    report: Report,
    /// What making the report took: no part of its hash.
    #[serde(skip_serializing_if = "Option::is_none")]
    timings: Option<Timings>,
}

impl Change {
    async fn of(state: &AdminState, proposed: Proposed) -> Result<Self, ApiError> {
        let Signed {
            signatures,
            threshold,
            ..
        } = state.lifecycle.signed(&proposed).await?;
        let Proposed {
            subject,
            report,
            timings,
            state: reached,
            proposed_us,
            actor,
        } = proposed;
        Ok(Self {
            id: subject.change,
            state: reached,
            proposed_us,
            actor,
            base_generation: subject.base.generation,
            base: subject.base.digests,
            result: subject.result,
            report_sha256: subject.report_sha256,
            fingerprint: subject.fingerprint.clone(),
            payload: subject,
            signatures,
            threshold,
            report,
            timings,
        })
    }
}

/// Changes, the latest first.
#[derive(Serialize, ToSchema)]
pub(super) struct Changes {
    changes: Vec<Change>,
}

/// A page: the latest ones, or those before `before`.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Page {
    /// 1 to 1,000; else 50.
    limit: Option<u32>,
    /// The id of a change.
    #[param(value_type = Option<String>)]
    before: Option<ChangeId>,
}

/// Proposes a change: what it would change is found out before the answer.
/// Where that takes longer than the caller waits, it goes on.
#[utoipa::path(
    post,
    path = "/admin/v1/changes",
    tag = "Policy",
    request_body = Proposal,
    params(("prefer" = Option<String>, Header, description = "`wait=N`: wait up to N seconds, at most 120, for the answer; 10 where it is left out.")),
    responses(
        (status = 201, description = "The change with its report. Audited as `change.proposed`.", body = Change),
        (status = 202, description = "What it would change is being found out; its `location` tells the answer.", body = Work),
        (status = 400, description = "`invalid_request`: a field does not fit, or there is no slot; the message says which.", body = ErrorBody),
        (status = 422, description = "`unknown_component`: there is none of this digest. `not_verified`, `rejected`: it may not be used. `wrong_slot`: it fills another slot. `unchanged`: the active set is that already. `catalog_name`: it routes a name that the catalog has. `revoked_set`: this set was active before and is revoked.", body = ErrorBody),
        (status = 503, description = "`busy`: too much is being worked on; try again. `records_unavailable`: what is recorded last can't be read yet; try again. `database_unavailable`: nothing was proposed; try again.", body = ErrorBody)
    )
)]
pub(super) async fn propose_change(
    State(state): State<AdminState>,
    prefer: Prefer,
    caller: Caller,
    body: Body,
) -> Result<Response, ApiError> {
    let (proposal, _) = body::json::<Proposal>(body).await?;
    let (at, actor) = (state.clone(), caller.to_string());
    let proposed = async move {
        decisions::flush(&at.records).await?;
        let Proposal { slots, replay } = proposal;
        let proposed = at.lifecycle.propose(slots, &replay, &actor).await?;
        let change = Change::of(&at, proposed).await?;
        Ok((StatusCode::CREATED, Json(change)).into_response())
    };
    work::answer(&state, prefer, &caller.to_string(), proposed).await
}

/// A page of changes.
#[utoipa::path(
    get,
    path = "/admin/v1/changes",
    tag = "Policy",
    params(Page),
    responses(
        (status = 200, description = "The changes.", body = Changes),
        (status = 400, description = "`invalid_request`: there is no such page.", body = ErrorBody)
    )
)]
pub(super) async fn list_changes(
    State(state): State<AdminState>,
    Params(page): Params<Page>,
) -> Result<impl IntoResponse, ApiError> {
    let page = state
        .lifecycle
        .changes(page.before, body::limit(page.limit))
        .await?;
    let mut changes = Vec::with_capacity(page.len());
    for proposed in page {
        changes.push(Change::of(&state, proposed).await?);
    }
    Ok(Json(Changes { changes }))
}

/// One change.
#[utoipa::path(
    get,
    path = "/admin/v1/changes/{id}",
    tag = "Policy",
    params(("id" = String, Path, description = "The change's id, `chg_…`.")),
    responses(
        (status = 200, description = "The change with its report.", body = Change),
        (status = 404, description = "`not_found`: there is none of this id.", body = ErrorBody)
    )
)]
pub(super) async fn get_change(
    State(state): State<AdminState>,
    Path(id): Path,
) -> Result<impl IntoResponse, ApiError> {
    let proposed = find(&state, &id).await?;
    Ok(Json(Change::of(&state, proposed).await?))
}

/// What a change would change, whose hash a founder signs.
#[utoipa::path(
    get,
    path = "/admin/v1/changes/{id}/report",
    tag = "Policy",
    params(("id" = String, Path, description = "The change's id, `chg_…`.")),
    responses(
        (status = 200, description = "The report.", body = Report),
        (status = 404, description = "`not_found`: there is no change of this id.", body = ErrorBody)
    )
)]
pub(super) async fn get_report(
    State(state): State<AdminState>,
    Path(id): Path,
) -> Result<impl IntoResponse, ApiError> {
    Ok(Json(find(&state, &id).await?.report))
}

async fn find(state: &AdminState, id: &str) -> Result<Proposed, ApiError> {
    let change = state.lifecycle.change(body::id(id)?).await?;
    change.ok_or_else(|| {
        ApiError::not_found("there is no such change; `GET /admin/v1/changes` lists them")
    })
}
