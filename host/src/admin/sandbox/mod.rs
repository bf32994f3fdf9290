//! `sandbox`: components that authors try without uploading them, within their
//! quota. Nothing is stored, and nothing reaches the active set.

mod call;
mod form;
mod purse;
mod quota;

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use serde::Deserialize;
use utoipa::ToSchema;

use super::auth::Caller;
use super::body::Params;
use super::error::{ApiError, ErrorBody};
use super::prefer::Prefer;
use super::work::Work;
use super::{AdminState, decisions};
use crate::lifecycle::diff::Diff;
use crate::lifecycle::evaluate::Question;
use crate::lifecycle::replay::{LATEST, Replay};
use crate::lifecycle::sandbox::Answers;
use crate::lifecycle::verify;
use call::Call;
pub use quota::Quotas;

/// Questions that one call may ask.
const QUESTIONS: usize = 256;

/// The form of a component to try.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by its derive alone")]
pub(super) struct OneComponent {
    /// The bytes of a component; or the digest of one that was uploaded.
    #[schema(value_type = String, format = Binary)]
    component: Vec<u8>,
}

/// The form of two components to compare.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by its derive alone")]
pub(super) struct TwoComponents {
    /// The bytes of a component; or the digest of one that was uploaded.
    #[schema(value_type = String, format = Binary)]
    component: Vec<u8>,
    /// The one that it is compared with, likewise.
    #[schema(value_type = String, format = Binary)]
    other: Vec<u8>,
}

/// The form of a component and questions to it.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by its derive alone")]
pub(super) struct AskedComponent {
    /// The bytes of a component; or the digest of one that was uploaded.
    #[schema(value_type = String, format = Binary)]
    component: Vec<u8>,
    /// JSON; 256 at most.
    questions: Vec<Question>,
}

/// Which decisions a component is tried on.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Latest {
    /// So many of the latest decisions, 100 to 100,000; else 10,000.
    latest: Option<u32>,
}

/// Puts questions to a component, each in a fresh sandbox.
#[utoipa::path(
    post,
    path = "/admin/v1/sandbox/evaluate",
    tag = "Sandbox",
    request_body(content = AskedComponent, content_type = "multipart/form-data"),
    params(("prefer" = Option<String>, Header, description = "`wait=N`: wait up to N seconds, at most 120, for the answer; 10 where it is left out.")),
    responses(
        (status = 200, description = "What it answers, and what that took. Questions that are left after 10 seconds of processor time are not asked.", body = Answers),
        (status = 202, description = "It is being asked; its `location` tells the answers.", body = Work),
        (status = 400, description = "`invalid_request`: a part is missing or does not fit; the message says which.", body = ErrorBody),
        (status = 422, description = "`rejected`: it is no policy component; the error's reasons say why. `unknown_component`: there is none of this digest.", body = ErrorBody),
        (status = 429, description = "`rate_limited`: the quota of this token is used up for now; wait for `retry-after` seconds.", body = ErrorBody),
        (status = 503, description = "`busy`: too many are being tried; try again. `database_unavailable`: an uploaded component cannot be read; try again.", body = ErrorBody)
    )
)]
pub(super) async fn evaluate(
    State(state): State<AdminState>,
    prefer: Prefer,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let (call, mut form) = Call::enter(state, caller, prefer, headers, body, 1).await?;
    let tried = form.component("component")?;
    let questions: Vec<Question> = form.json("questions")?;
    form.nothing_else()?;
    if questions.is_empty() || questions.len() > QUESTIONS {
        let message = format!("`questions` must be 1 to {QUESTIONS}; ask the rest in another call");
        return Err(ApiError::bad_request(message));
    }
    call.answer(async move |lifecycle| lifecycle.try_questions(tried, questions).await)
        .await
}

/// Verifies a component as an upload of it would be.
#[utoipa::path(
    post,
    path = "/admin/v1/sandbox/check",
    tag = "Sandbox",
    request_body(content = OneComponent, content_type = "multipart/form-data"),
    params(("prefer" = Option<String>, Header, description = "`wait=N`: wait up to N seconds, at most 120, for the answer; 10 where it is left out.")),
    responses(
        (status = 200, description = "It keeps every law: an upload of it would be verified.", body = verify::Report),
        (status = 202, description = "It is being verified; its `location` tells the answer.", body = Work),
        (status = 400, description = "`invalid_request`: a part is missing or does not fit; the message says which.", body = ErrorBody),
        (status = 422, description = "`rejected`: it breaks a law; the error's reasons are all of them, each with the input that shows it. `unknown_component`: there is none of this digest.", body = ErrorBody),
        (status = 429, description = "`rate_limited`: the quota of this token is used up for now; wait for `retry-after` seconds.", body = ErrorBody),
        (status = 503, description = "`busy`: too many are being tried; try again. `database_unavailable`: an uploaded component cannot be read; try again.", body = ErrorBody)
    )
)]
pub(super) async fn check(
    State(state): State<AdminState>,
    prefer: Prefer,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let (call, mut form) = Call::enter(state, caller, prefer, headers, body, 1).await?;
    let tried = form.component("component")?;
    form.nothing_else()?;
    call.answer(async move |lifecycle| lifecycle.try_check(tried).await)
        .await
}

/// Compares two components of one slot over the whole grid.
#[utoipa::path(
    post,
    path = "/admin/v1/sandbox/diff",
    tag = "Sandbox",
    request_body(content = TwoComponents, content_type = "multipart/form-data"),
    params(("prefer" = Option<String>, Header, description = "`wait=N`: wait up to N seconds, at most 120, for the answer; 10 where it is left out.")),
    responses(
        (status = 200, description = "Where they differ: `a` is `component`, `b` is `other`.", body = Diff),
        (status = 202, description = "They are being compared; its `location` tells the answer.", body = Work),
        (status = 400, description = "`invalid_request`: a part is missing or does not fit; the message says which.", body = ErrorBody),
        (status = 422, description = "`rejected`: one is no policy component; the error's reasons say why. `incomparable`: they fill different slots, one does not describe itself, or they take too long. `unknown_component`: there is none of this digest.", body = ErrorBody),
        (status = 429, description = "`rate_limited`: the quota of this token is used up for now; wait for `retry-after` seconds.", body = ErrorBody),
        (status = 503, description = "`busy`: too many are being tried; try again. `database_unavailable`: an uploaded component cannot be read; try again.", body = ErrorBody)
    )
)]
pub(super) async fn diff(
    State(state): State<AdminState>,
    prefer: Prefer,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let (call, mut form) = Call::enter(state, caller, prefer, headers, body, 2).await?;
    let (a, b) = (form.component("component")?, form.component("other")?);
    form.nothing_else()?;
    call.answer(async move |lifecycle| lifecycle.try_diff(a, b).await)
        .await
}

/// Verifies a component, and decides the latest recorded decisions again with it
/// in its slot of the active set. Names no agent, request or example.
#[utoipa::path(
    post,
    path = "/admin/v1/sandbox/replay",
    tag = "Sandbox",
    request_body(content = OneComponent, content_type = "multipart/form-data"),
    params(
        Latest,
        ("prefer" = Option<String>, Header, description = "`wait=N`: wait up to N seconds, at most 120, for the answer; 10 where it is left out.")
    ),
    responses(
        (status = 200, description = "What it would have changed.", body = Replay),
        (status = 202, description = "The decisions are being decided again; its `location` tells the answer.", body = Work),
        (status = 400, description = "`invalid_request`: a part is missing or does not fit; the message says which.", body = ErrorBody),
        (status = 422, description = "`rejected`: it breaks a law; the error's reasons are all of them. `unknown_component`: there is none of this digest.", body = ErrorBody),
        (status = 429, description = "`rate_limited`: the quota of this token is used up for now; wait for `retry-after` seconds.", body = ErrorBody),
        (status = 503, description = "`busy`: too many are being tried; try again. `records_unavailable`, `database_unavailable`: the records do not answer; try again.", body = ErrorBody)
    )
)]
pub(super) async fn replay(
    State(state): State<AdminState>,
    caller: Caller,
    Params(Latest { latest }): Params<Latest>,
    prefer: Prefer,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let records = state.records.clone();
    let (call, mut form) = Call::enter(state, caller, prefer, headers, body, 1).await?;
    let tried = form.component("component")?;
    form.nothing_else()?;
    decisions::flush(&records).await?;
    let latest = latest.unwrap_or(LATEST);
    call.answer(async move |lifecycle| lifecycle.try_replay(tried, latest).await)
        .await
}
