//! Whose key it is.

use std::sync::Arc;

use http::HeaderMap;
use http::header::AUTHORIZATION;

use super::callers::{Caller, Callers};
use super::error::ApiError;

/// The caller whose key is in `x-api-key` or `Authorization: Bearer`.
///
/// # Errors
/// 401 where there is none, or no agent has it.
pub fn authenticate(headers: &HeaderMap, callers: &Callers) -> Result<Arc<Caller>, ApiError> {
    let key = headers
        .get("x-api-key")
        .map(|value| value.as_bytes())
        .or_else(|| {
            let value = headers.get(AUTHORIZATION)?.as_bytes();
            let (scheme, key) = value.split_at_checked(7)?;
            scheme.eq_ignore_ascii_case(b"bearer ").then_some(key)
        });
    match key {
        None => Err(ApiError::unauthenticated(
            "no API key; send it as `x-api-key` or `Authorization: Bearer`",
        )),
        Some(key) => callers
            .get(key.trim_ascii())
            .ok_or_else(|| ApiError::unauthenticated("this API key is not valid")),
    }
}
