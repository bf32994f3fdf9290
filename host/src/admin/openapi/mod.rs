//! The admin API's description (OpenAPI 3.1), made of the routes themselves.

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method};
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{Modify, OpenApi};

use super::Role;
use super::auth::{may, one_of};
use super::error::ErrorBody;

/// What is said of the API as a whole.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Ainfera admin API",
        description = "Tenants, agents, their keys, the catalog, the policy and its changes, and the records. It has a listener of its own. A token opens what its role may do; a route that not every role may call says who may, and answers others 403, `forbidden`. Every act is audited, with the name of the token, and the next call sees it.\n\nErrors name what happened by a `code`, which the descriptions here begin with. A path that takes another method answers 405, `method_not_allowed`.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    servers((url = "/")),
    security(("admin_token" = [])),
    tags(
        (name = "Access", description = "Who may call this API."),
        (name = "Tenancy", description = "Who calls."),
        (name = "Money", description = "What tenants pay and spend."),
        (name = "Catalog", description = "What can be called."),
        (name = "Policy", description = "What decides calls: components, changes, founders, gates."),
        (name = "Sandbox", description = "Components that are tried without being uploaded: nothing is stored, and nothing reaches the active set. Each token has a quota."),
        (name = "Records", description = "What was decided and done."),
        (name = "Service", description = "The API itself.")
    ),
    components(schemas(ErrorBody)),
    modifiers(&Token)
)]
pub(super) struct General;

/// The token.
struct Token;

impl Modify for Token {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_default();
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        components.add_security_scheme("admin_token", SecurityScheme::Http(bearer));
    }
}

/// What every route answers where it can't be asked, and those that take a body.
const ALWAYS: [(&str, &str); 3] = [
    (
        "401",
        "`unauthenticated`: the token is missing, wrong or revoked.",
    ),
    (
        "500",
        "`internal`: the gateway is stopping, or has a defect; the message says which, and the log.",
    ),
    (
        "503",
        "`database_unavailable`: nothing was done; try again.",
    ),
];
const WITH_A_BODY: [(&str, &str); 2] = [
    ("408", "`timeout`: the body took too long."),
    ("413", "`too_large`: the body is over the limit."),
];

/// The description as it is served.
static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| {
    let mut description = super::described().into_openapi();
    // The router's way to write that a parameter may hold slashes.
    let paths = std::mem::take(&mut description.paths.paths).into_iter();
    description.paths.paths = paths
        .map(|(path, mut item)| {
            let operations = [
                (Method::GET, &mut item.get),
                (Method::PUT, &mut item.put),
                (Method::POST, &mut item.post),
                (Method::PATCH, &mut item.patch),
                (Method::DELETE, &mut item.delete),
            ];
            for (method, operation) in operations {
                let roles = may(&method, &path).unwrap_or_default();
                if let Some(operation) = operation {
                    add_errors(operation, roles);
                }
            }
            (path.replace("{*", "{"), item)
        })
        .collect();
    serde_json::to_vec(&description).unwrap_or_default().into()
});

/// Adds what every route answers, and, where only `roles` may call this one, what
/// others get.
fn add_errors(operation: &mut Operation, roles: &[Role]) {
    let with_a_body = operation.request_body.is_some();
    let more = WITH_A_BODY.iter().filter(|_| with_a_body);
    let always = ALWAYS.iter().chain(more);
    let mut errors: Vec<_> = always
        .map(|(status, text)| (*status, (*text).to_owned()))
        .collect();
    if roles.len() < Role::ALL.len() {
        let who = one_of(roles);
        errors.push((
            "403",
            format!("`forbidden`: the token's role is not {who}."),
        ));
    }
    for (status, text) in errors {
        let responses = &mut operation.responses.responses;
        match responses.get_mut(status) {
            Some(RefOr::T(response)) => {
                response.description = format!("{text} {}", response.description);
            }
            Some(RefOr::Ref(_)) => {}
            None => {
                let schema = Ref::from_schema_name("ErrorBody");
                let content = ContentBuilder::new().schema(Some(schema)).build();
                let response = ResponseBuilder::new()
                    .description(text)
                    .content("application/json", content);
                responses.insert(status.to_owned(), response.into());
            }
        }
    }
}

/// This description.
#[utoipa::path(
    get,
    path = "/admin/v1/openapi.json",
    tag = "Service",
    responses((status = 200, description = "The description of this API (OpenAPI 3.1).", body = Object))
)]
pub(super) async fn openapi() -> Response {
    let mut response = DOCUMENT.clone().into_response();
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}
