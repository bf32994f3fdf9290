//! `founders`: whose signatures count.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::IntoResponse;
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::error::ApiError;
use super::{ACTOR, AdminState, body};
use crate::lifecycle::keys::FounderKey;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Enrolment {
    /// PEM.
    public_key: String,
}

/// A founder, as this API shows it.
#[derive(Serialize)]
struct Founder {
    key_id: String,
    public_key: Option<String>,
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

#[derive(Serialize)]
struct List {
    founders: Vec<Founder>,
    /// Whether the operator's variable sets them.
    fixed: bool,
}

/// `GET founders`.
pub(super) async fn list(State(state): State<AdminState>) -> Result<impl IntoResponse, ApiError> {
    let founders = state
        .lifecycle
        .founders()
        .await?
        .into_iter()
        .map(Founder::from)
        .collect();
    Ok(Json(List {
        founders,
        fixed: state.lifecycle.founders_are_fixed(),
    }))
}

/// `POST founders`: enrols the first key. 201, or 409 if there is one.
pub(super) async fn enrol(
    State(state): State<AdminState>,
    body: Body,
) -> Result<impl IntoResponse, ApiError> {
    let (enrolment, _) = body::json::<Enrolment>(body).await?;
    let key = state
        .lifecycle
        .enrol_founder(&enrolment.public_key, ACTOR)
        .await?;
    Ok((StatusCode::CREATED, Json(Founder::from(key))))
}
