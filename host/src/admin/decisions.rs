//! `decisions`: the routed calls, as recorded.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::body::Params;
use super::error::ApiError;
use super::{AdminState, body};
use crate::record::Key;
use crate::store::calls::{self, Decision};

/// What a decision is asked for by.
const PREFIX: &str = "req_";

/// A page: the latest ones, or those before the request `before`, the latest
/// first; or those after the request `after`, the earliest first.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Page {
    limit: Option<u32>,
    before: Option<String>,
    after: Option<String>,
}

#[derive(Serialize)]
struct List {
    decisions: Vec<Decision>,
}

/// `GET decisions`: whoever saw an answer finds its decision here.
pub(super) async fn list(
    State(state): State<AdminState>,
    Params(page): Params<Page>,
) -> Result<impl IntoResponse, ApiError> {
    let key = |text: Option<String>| {
        text.map(|text| Key::parse(PREFIX, &text))
            .transpose()
            .map_err(|error| ApiError::bad_request(error.to_string()))
    };
    let (before, after) = (key(page.before)?, key(page.after)?);
    let limit = body::limit(page.limit);
    flush(&state).await?;
    let decisions = match (before, after) {
        (Some(_), Some(_)) => {
            return Err(ApiError::bad_request(
                "a page is `before` a request or `after` one; name one of the two",
            ));
        }
        (before, None) => calls::decisions(&state.store, before, limit).await?,
        (None, Some(after)) => calls::decisions_after(&state.store, after, limit).await?,
    };
    Ok(Json(List { decisions }))
}

/// `GET decisions/{request id}`.
pub(super) async fn one(
    State(state): State<AdminState>,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, ApiError> {
    let key = Key::parse(PREFIX, &id).map_err(|error| ApiError::not_found(error.to_string()))?;
    flush(&state).await?;
    let decision = calls::decision(&state.store, key).await?;
    decision.map(Json).ok_or_else(|| {
        ApiError::not_found("there is no routed call of this id; pinned calls have no decision")
    })
}

async fn flush(state: &AdminState) -> Result<(), ApiError> {
    state.records.flush().await.map_err(|error| {
        ApiError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "records_unavailable",
            error.to_string(),
        )
    })
}
