//! Paths and methods that are not there.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::Uri;

use super::Gateway;
use super::error::ApiError;
use super::headers::Receipt;

/// 404.
pub async fn not_found(State(gateway): State<Arc<Gateway>>, uri: Uri) -> Response {
    let path: String = uri.path().chars().take(80).collect();
    ApiError::not_found(format!("there is no route `{path}`"))
        .respond(&Receipt::new(gateway.records.key()))
}

/// 405.
pub async fn method_not_allowed(State(gateway): State<Arc<Gateway>>) -> Response {
    ApiError::method_not_allowed().respond(&Receipt::new(gateway.records.key()))
}
