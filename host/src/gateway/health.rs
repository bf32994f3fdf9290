//! Whether the process lives, and whether it serves.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;

use super::Gateway;

/// The process answers.
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// It has a policy and can record: it takes calls.
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
