//! The admin API's description (OpenAPI 3.1), made of the routes themselves.

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use utoipa::openapi::Ref;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::error::ErrorBody;

/// What is said of the API as a whole.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Ainfera admin API",
        description = "Tenants, agents, their keys, the catalog, the policy and its changes, and the records. It has a listener of its own, and one token opens all of it. Every act is audited, and the next call sees it.\n\nErrors name what happened by a `code`, which the descriptions here begin with. A path that takes another method answers 405, `method_not_allowed`.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    servers((url = "/")),
    security(("admin_token" = [])),
    tags(
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
    ("401", "`unauthenticated`: the token is missing or wrong."),
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
                &mut item.get,
                &mut item.put,
                &mut item.post,
                &mut item.patch,
                &mut item.delete,
            ];
            operations.into_iter().flatten().for_each(add_errors);
            (path.replace("{*", "{"), item)
        })
        .collect();
    serde_json::to_vec(&description).unwrap_or_default().into()
});

fn add_errors(operation: &mut Operation) {
    let with_a_body = operation.request_body.is_some();
    let more = WITH_A_BODY.iter().filter(|_| with_a_body);
    for (status, description) in ALWAYS.iter().chain(more) {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("ErrorBody")));
        let response = ResponseBuilder::new()
            .description(*description)
            .content("application/json", content.build());
        let responses = &mut operation.responses.responses;
        responses
            .entry((*status).to_owned())
            .or_insert_with(|| response.into());
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
