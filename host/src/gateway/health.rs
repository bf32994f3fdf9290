//! Whether the process lives, and whether it serves.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;

use super::Gateway;

/// The process answers.
#[utoipa::path(
    get,
    path = "/healthz",
    tag = "Service",
    summary = "Whether the process lives.",
    security(()),
    responses((status = 200, description = "It does.", body = String))
)]
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// It has a policy and can record: it takes calls.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "Service",
    summary = "Whether the gateway takes calls.",
    security(()),
    responses(
        (status = 200, description = "It does.", body = String),
        (status = 503, description = "It does not: the body says why.", body = String)
    )
)]
pub async fn readyz(State(gateway): State<Arc<Gateway>>) -> (StatusCode, &'static str) {
    if gateway.records.available() {
        (StatusCode::OK, "ready\n")
    } else {
        (
            StatusCode::SERVICE_UNAVAILABLE,
            "the records database does not take writes\n",
        )
    }
}
