//! `authorizations`: a founder's signature, and what follows from it.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;

use super::error::{ApiError, ErrorBody};
use super::{AdminState, body};
use crate::lifecycle::dsse::Envelope;
use crate::lifecycle::{Authorized, Carried, Signed};

/// Takes founders' signatures of a change. Where there are enough, the change is
/// activated, and the next call is decided by it.
#[utoipa::path(
    post,
    path = "/admin/v1/authorizations",
    tag = "Policy",
    request_body(content = Envelope, description = "A DSSE v1 envelope (Ed25519) whose payload is the `payload` of the change with `not_before`, `not_after` (RFC 3339, at most 7 days apart) and `nonce` (32 lowercase hexadecimal digits). `ainfera plugin authorize` makes it. It may bear the signatures of several founders."),
    responses(
        (status = 200, description = "The new generation, and who signed. Audited as `policy.authorized`, for each founder, and `policy.activated`.", body = Carried),
        (status = 202, description = "Who has signed; more founders have to. Audited as `policy.authorized`.", body = Signed),
        (status = 400, description = "`invalid_request`: it is no envelope. `invalid_envelope`: it is not base64, or has no signature. `payload_type`, `invalid_payload`: it signs something else. `invalid_window`: its window is over 7 days, or ends before it begins.", body = ErrorBody),
        (status = 403, description = "`no_founder`: none is enrolled. `unknown_key`, `revoked_key`: another key signed. `bad_signature`: it does not verify. `not_yet_valid`, `expired`: its window is not now.", body = ErrorBody),
        (status = 404, description = "`unknown_change`: there is no change of this id.", body = ErrorBody),
        (status = 409, description = "`stale`: another generation is active than the one that the change replaces; propose it again. `replayed`: its nonce has served.", body = ErrorBody),
        (status = 422, description = "`mismatch`: it is not about the change as it stands. `fingerprint`: the components were verified on another engine. `unknown_component`, `not_verified`, `rejected`: one may not be used any more. `catalog_name`: it routes a name that the catalog has got since. `revoked_set`: this set was active before and is revoked.", body = ErrorBody)
    )
)]
pub(super) async fn authorize(
    State(state): State<AdminState>,
    body: Body,
) -> Result<Response, ApiError> {
    let (envelope, _) = body::json::<Envelope>(body).await?;
    Ok(match state.lifecycle.authorize(&envelope).await? {
        Authorized::Active(carried) => Json(carried).into_response(),
        Authorized::Waiting(signed) => (StatusCode::ACCEPTED, Json(signed)).into_response(),
    })
}
