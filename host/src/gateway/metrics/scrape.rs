//! `GET /metrics`.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};

use crate::gateway::Gateway;

/// OpenMetrics, which Prometheus reads.
const OPENMETRICS: HeaderValue =
    HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");

/// Shows what is counted.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "Service",
    summary = "What the gateway counts, for Prometheus.",
    description = "OpenMetrics text. No prompt, key, tenant or agent is in it; models and providers are.",
    security(()),
    responses((
        status = 200,
        description = "All metrics.",
        content_type = "application/openmetrics-text",
        body = String
    ))
)]
pub async fn metrics(State(gateway): State<Arc<Gateway>>) -> Response {
    match gateway.metrics.text(&gateway) {
        Ok(text) => ([(CONTENT_TYPE, OPENMETRICS)], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
