//! `founders`: whose signatures count.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::IntoResponse;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::auth::Caller;
use super::error::{ApiError, ErrorBody};
use super::{AdminState, body};
use crate::lifecycle::keys::FounderKey;

/// A founder's public key.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Enrolment {
    /// An Ed25519 public key as PEM, as `ainfera keygen` writes it.
    #[schema(
        example = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n-----END PUBLIC KEY-----\n"
    )]
    public_key: String,
}

/// A founder.
#[derive(Serialize, ToSchema)]
pub(super) struct Founder {
    /// SHA-256 of the public key, in hexadecimal digits.
    key_id: String,
    /// PEM.
    public_key: Option<String>,
    /// Whether it counts no more.
    revoked: bool,
}

impl From<FounderKey> for Founder {
    fn from(key: FounderKey) -> Self {
        Self {
            public_key: key.to_pem().ok(),
            key_id: key.id,
            revoked: key.revoked,
        }
    }
}

/// Every founder.
#[derive(Serialize, ToSchema)]
pub(super) struct Founders {
    founders: Vec<Founder>,
    /// Whether the operator's `AINFERA_FOUNDER_KEYS` sets them.
    fixed: bool,
}

/// Whose signatures count.
#[utoipa::path(
    get,
    path = "/admin/v1/founders",
    tag = "Policy",
    responses((status = 200, description = "Every founder.", body = Founders))
)]
pub(super) async fn list_founders(
    State(state): State<AdminState>,
) -> Result<impl IntoResponse, ApiError> {
    let founders = state
        .lifecycle
        .founders()
        .await?
        .into_iter()
        .map(Founder::from)
        .collect();
    Ok(Json(Founders {
        founders,
        fixed: state.lifecycle.founders_are_fixed(),
    }))
}

/// Enrols the first founder.
#[utoipa::path(
    post,
    path = "/admin/v1/founders",
    tag = "Policy",
    request_body = Enrolment,
    responses(
        (status = 201, description = "The founder. Audited as `founder.enrolled`.", body = Founder),
        (status = 400, description = "`invalid_request`: it is no such key.", body = ErrorBody),
        (status = 409, description = "`not_first`: there is a founder. `founders_fixed`: the operator's variable sets them.", body = ErrorBody)
    )
)]
pub(super) async fn enrol_founder(
    State(state): State<AdminState>,
    caller: Caller,
    body: Body,
) -> Result<impl IntoResponse, ApiError> {
    let (enrolment, _) = body::json::<Enrolment>(body).await?;
    let key = state
        .lifecycle
        .enrol_founder(&enrolment.public_key, &caller.to_string())
        .await?;
    Ok((StatusCode::CREATED, Json(Founder::from(key))))
}
