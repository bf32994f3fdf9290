//! Who may call the admin API.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, StatusCode, header};
use subtle::ConstantTimeEq as _;

use super::AdminState;
use super::error::ApiError;
use crate::store::Digest;

/// Lets through who has the token, before anything of the body is read.
pub(super) async fn authenticate(
    State(state): State<AdminState>,
    request: Request,
    next: Next,
) -> Response {
    if opens(request.headers(), state.token) {
        return next.run(request).await;
    }
    let why = if request.headers().contains_key(header::AUTHORIZATION) {
        "this is not the admin token of this gateway: the first start showed it, AINFERA_ADMIN_TOKEN sets another"
    } else {
        "send the admin token as `Authorization: Bearer <token>`"
    };
    let error = ApiError::new(StatusCode::UNAUTHORIZED, "unauthenticated", why);
    let mut response = error.into_response();
    response.headers_mut().insert(
        header::WWW_AUTHENTICATE,
        http::HeaderValue::from_static("Bearer"),
    );
    response
}

fn opens(headers: &HeaderMap, token: Digest) -> bool {
    headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.as_bytes().strip_prefix(b"Bearer "))
        // Digests are compared: neither length nor content shows in the time.
        .is_some_and(|given| Digest::of(given).0.ct_eq(&token.0).into())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_the_token_opens() {
        let token = Digest::of(b"secret");
        let with = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, value.parse().unwrap());
            opens(&headers, token)
        };
        assert!(with("Bearer secret"));
        for value in [
            "Bearer ",
            "Bearer secre",
            "Bearer secret ",
            "secret",
            "Basic secret",
            "",
        ] {
            assert!(!with(value), "{value:?}");
        }
        assert!(!opens(&HeaderMap::new(), token));
    }
}
