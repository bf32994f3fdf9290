//! Who may call the admin API, and what.

mod access;
mod caller;
mod tokens;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderValue, StatusCode, header};

use super::error::{ApiError, no_method};
use super::{AdminState, Role};

pub(super) use access::{OPENS_GATES, SIGNS, grantable, may};
pub(super) use caller::Caller;
pub use tokens::Tokens;

/// Lets through who may do what is asked, before anything of the body is read.
pub(super) async fn authenticate(
    State(state): State<AdminState>,
    mut request: Request,
    next: Next,
) -> Response {
    let Some(caller) = state.tokens.of(request.headers()) else {
        return unauthenticated(request.headers().contains_key(header::AUTHORIZATION));
    };
    // Without one there is no such route.
    if let Some(path) = request.extensions().get::<MatchedPath>() {
        match may(request.method(), path.as_str()) {
            Some(roles) => {
                if let Err(error) = needs(&caller, roles) {
                    return error.into_response();
                }
            }
            None => return wrong_method(path.as_str()).await,
        }
    }
    request.extensions_mut().insert(caller);
    next.run(request).await
}

/// Refuses a caller whose role is none of `roles`.
pub(super) fn needs(caller: &Caller, roles: &[Role]) -> Result<(), ApiError> {
    if roles.contains(&caller.role) {
        return Ok(());
    }
    let message = format!(
        "this needs a token of the role {}; {caller} has one of the role {}",
        one_of(roles),
        caller.role
    );
    Err(ApiError::new(StatusCode::FORBIDDEN, "forbidden", message))
}

/// `a, b or c`.
pub(super) fn one_of(roles: &[Role]) -> String {
    let names: Vec<_> = roles.iter().map(|role| role.as_str()).collect();
    match names.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}

fn unauthenticated(sent_any: bool) -> Response {
    let why = if sent_any {
        "this is no token of this gateway: the first start showed one (AINFERA_ADMIN_TOKEN sets another), `ainfera token create` makes more"
    } else {
        "send an admin token as `Authorization: Bearer <token>`"
    };
    let error = ApiError::new(StatusCode::UNAUTHORIZED, "unauthenticated", why);
    let mut response = error.into_response();
    let bearer = HeaderValue::from_static("Bearer");
    response
        .headers_mut()
        .insert(header::WWW_AUTHENTICATE, bearer);
    response
}

async fn wrong_method(path: &str) -> Response {
    let mut response = no_method().await.into_response();
    if let Ok(allowed) = HeaderValue::from_str(&access::methods(path)) {
        response.headers_mut().insert(header::ALLOW, allowed);
    }
    response
}
