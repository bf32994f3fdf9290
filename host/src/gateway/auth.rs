//! Whose key it is, and whether it may call now.

use std::sync::Arc;

use http::HeaderMap;
use http::header::AUTHORIZATION;

use super::callers::{Caller, Callers};
use super::error::ApiError;
use super::headers::Receipt;

/// The caller of a request, whose key has one request less from now on; the
/// receipt says so.
///
/// # Errors
/// 401 without a key that an agent has, 429 where the key has no request left.
pub fn admit(
    headers: &HeaderMap,
    callers: &Callers,
    receipt: &mut Receipt,
) -> Result<Arc<Caller>, ApiError> {
    let caller = authenticate(headers, callers)?;
    receipt.agent = Some(caller.agent);
    if let Some(bucket) = &caller.bucket {
        let standing = bucket.take();
        receipt.rate = Some(standing);
        if let Some(wait) = standing.wait {
            return Err(ApiError::over_rate(wait));
        }
    }
    Ok(caller)
}

/// The caller whose key is in `x-api-key` or `Authorization: Bearer`.
fn authenticate(headers: &HeaderMap, callers: &Callers) -> Result<Arc<Caller>, ApiError> {
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
