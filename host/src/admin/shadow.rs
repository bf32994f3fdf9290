//! `shadow`: a candidate beside the active set, on live calls.

use std::collections::BTreeMap;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::IntoResponse;
use http::StatusCode;
use rust_decimal::Decimal;
use serde::Deserialize;
use utoipa::ToSchema;

use super::auth::Caller;
use super::error::{ApiError, ErrorBody};
use super::{AdminState, body};
use crate::lifecycle::shadow::{Candidate, Status};
use crate::policy::Slot;
use crate::policy::shadow::Sample;
use crate::store::{ChangeId, Digest};

/// What is to run beside the active set: `slots`, or the `change` that has
/// them.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ShadowWish {
    /// Digests of verified components; the other slots stay as they are.
    #[schema(example = json!({"preference-dial": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}))]
    slots: Option<BTreeMap<Slot, Digest>>,
    /// A proposed change, in place of `slots`.
    #[schema(value_type = Option<String>)]
    change: Option<ChangeId>,
    /// The part of the calls that is taken, a decimal above 0 and at most 1; else
    /// all.
    #[schema(example = "0.1")]
    sample: Option<String>,
}

/// Starts to decide live calls by another set too, off their path. It ends at
/// the next activation, when it is ended, or with the process; each replica has
/// its own.
#[utoipa::path(
    post,
    path = "/admin/v1/shadow",
    tag = "Policy",
    request_body = ShadowWish,
    responses(
        (status = 201, description = "The shadow. Audited as `shadow.started`.", body = Status),
        (status = 400, description = "`invalid_request`: a field does not fit, or there is no slot; the message says which.", body = ErrorBody),
        (status = 409, description = "`shadow_running`: one runs already; end it first. `stale`: another generation became active meanwhile; start again.", body = ErrorBody),
        (status = 422, description = "`unknown_change`: there is none of this id. `unknown_component`, `not_verified`, `rejected`, `wrong_slot`, `unchanged`, `catalog_name`: as for a change.", body = ErrorBody)
    )
)]
pub(super) async fn start_shadow(
    State(state): State<AdminState>,
    caller: Caller,
    body: Body,
) -> Result<impl IntoResponse, ApiError> {
    let (wish, _) = body::json::<ShadowWish>(body).await?;
    let candidate = match (wish.slots, wish.change) {
        (Some(slots), None) => Candidate::Slots(slots),
        (None, Some(change)) => Candidate::Change(change),
        _ => {
            return Err(ApiError::bad_request(
                "name `slots` or a `change`, one of the two",
            ));
        }
    };
    let sample = match &wish.sample {
        None => Sample::ALL,
        Some(text) => sample(text)?,
    };
    let status = state
        .lifecycle
        .start_shadow(candidate, sample, &caller.to_string())
        .await?;
    Ok((StatusCode::CREATED, Json(status)))
}

fn sample(text: &str) -> Result<Sample, ApiError> {
    let part = Decimal::from_str_exact(text)
        .map_err(|_| ApiError::bad_request("`sample` is a decimal like \"0.1\""))?;
    Sample::new(part).map_err(|error| ApiError::bad_request(error.to_string()))
}

/// The shadow that runs, or ran last since the start of this process.
#[utoipa::path(
    get,
    path = "/admin/v1/shadow",
    tag = "Policy",
    responses(
        (status = 200, description = "The shadow, with what it found so far.", body = Status),
        (status = 404, description = "`not_found`: none was started since this process began.", body = ErrorBody)
    )
)]
pub(super) async fn get_shadow(
    State(state): State<AdminState>,
) -> Result<impl IntoResponse, ApiError> {
    let status = state.lifecycle.shadow();
    status
        .map(Json)
        .ok_or_else(|| ApiError::not_found("no shadow was started since this process began"))
}

/// Ends the shadow. Calls that wait are still decided.
#[utoipa::path(
    delete,
    path = "/admin/v1/shadow",
    tag = "Policy",
    responses(
        (status = 200, description = "What it found. Audited as `shadow.ended`.", body = Status),
        (status = 404, description = "`not_found`: none runs.", body = ErrorBody)
    )
)]
pub(super) async fn stop_shadow(
    State(state): State<AdminState>,
    caller: Caller,
) -> Result<impl IntoResponse, ApiError> {
    Ok(Json(
        state.lifecycle.stop_shadow(&caller.to_string()).await?,
    ))
}
