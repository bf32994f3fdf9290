//! `authorizations`: a founder's signature, and what follows from it.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::IntoResponse;

use super::error::ApiError;
use super::{AdminState, body};
use crate::lifecycle::dsse::Envelope;

/// `POST authorizations`: a DSSE envelope. 200 with the new generation, 409 if
/// another one has been activated since the change was proposed.
pub(super) async fn authorize(
    State(state): State<AdminState>,
    body: Body,
) -> Result<impl IntoResponse, ApiError> {
    let (envelope, text) = body::json::<Envelope>(body).await?;
    Ok(Json(state.lifecycle.authorize(&envelope, &text).await?))
}
