//! Paths and methods that are not there.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, Uri};

use super::Gateway;
use super::error::ApiError;
use super::headers::Receipt;
use crate::dialect::Dialect;

/// 404.
pub async fn not_found(
    State(gateway): State<Arc<Gateway>>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let path: String = uri.path().chars().take(80).collect();
    ApiError::not_found(format!("there is no route `{path}`"))
        .respond(&Receipt::new(gateway.records.key(), spoken(&uri, &headers)))
}

/// 405.
pub async fn method_not_allowed(
    State(gateway): State<Arc<Gateway>>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    ApiError::method_not_allowed()
        .respond(&Receipt::new(gateway.records.key(), spoken(&uri, &headers)))
}

/// What the caller of a path that takes any dialect speaks: Anthropic where the
/// path or the version header says so.
pub fn spoken(uri: &Uri, headers: &HeaderMap) -> Dialect {
    if uri.path().starts_with("/v1/messages") || headers.contains_key("anthropic-version") {
        Dialect::Anthropic
    } else {
        Dialect::OpenaiChat
    }
}
