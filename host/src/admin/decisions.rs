//! `decisions`: the routed calls, as recorded.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::{Params, Path};
use super::error::{ApiError, ErrorBody};
use super::{AdminState, body};
use crate::record::{Key, Records};
use crate::store::calls::{self, Decision};

/// What a decision is asked for by.
const PREFIX: &str = "req_";

/// A page: the latest ones, or those before the request `before`, the latest
/// first; or those after the request `after`, the earliest first.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Page {
    /// 1 to 1,000; else 50.
    limit: Option<u32>,
    /// The id of a request, `req_…`.
    before: Option<String>,
    /// The id of a request, `req_…`; not beside `before`.
    after: Option<String>,
}

/// Routed calls.
#[derive(Serialize, ToSchema)]
pub(super) struct Decisions {
    decisions: Vec<Decision>,
}

/// A page of the routed calls, with all that they were decided from. Whoever saw
/// an answer finds its decision here.
#[utoipa::path(
    get,
    path = "/admin/v1/decisions",
    tag = "Records",
    params(Page),
    responses(
        (status = 200, description = "The decisions.", body = Decisions),
        (status = 400, description = "`invalid_request`: there is no such page.", body = ErrorBody),
        (status = 503, description = "`records_unavailable`: what is recorded last can't be read yet; try again. `database_unavailable`: try again.", body = ErrorBody)
    )
)]
pub(super) async fn list_decisions(
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
    flush(&state.records).await?;
    let decisions = match (before, after) {
        (Some(_), Some(_)) => {
            return Err(ApiError::bad_request(
                "a page is `before` a request or `after` one; name one of the two",
            ));
        }
        (before, None) => calls::decisions(&state.store, before, limit).await?,
        (None, Some(after)) => calls::decisions_after(&state.store, after, limit).await?,
    };
    Ok(Json(Decisions { decisions }))
}

/// One routed call.
#[utoipa::path(
    get,
    path = "/admin/v1/decisions/{id}",
    tag = "Records",
    params(("id" = String, Path, description = "The `request-id` of the answer, `req_…`.")),
    responses(
        (status = 200, description = "The decision.", body = Decision),
        (status = 404, description = "`not_found`: there is no routed call of this id.", body = ErrorBody),
        (status = 503, description = "`records_unavailable`: what is recorded last can't be read yet; try again. `database_unavailable`: try again.", body = ErrorBody)
    )
)]
pub(super) async fn get_decision(
    State(state): State<AdminState>,
    Path(id): Path,
) -> Result<impl IntoResponse, ApiError> {
    let key = Key::parse(PREFIX, &id).map_err(|error| ApiError::not_found(error.to_string()))?;
    flush(&state.records).await?;
    let decision = calls::decision(&state.store, key).await?;
    decision.map(Json).ok_or_else(|| {
        ApiError::not_found("there is no routed call of this id; pinned calls have no decision")
    })
}

/// Waits until what was recorded before can be read.
pub(super) async fn flush(records: &Records) -> Result<(), ApiError> {
    records.flush().await.map_err(|error| {
        ApiError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "records_unavailable",
            error.to_string(),
        )
    })
}
