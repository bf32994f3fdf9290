//! The admin API's description (OpenAPI 3.1), made of the routes themselves.

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
        description = "Tenants, agents, their keys, and the catalog. It has a listener of its own, and one token opens all of it. Every act is audited, and the next call sees it.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    servers((url = "/")),
    security(("admin_token" = [])),
    tags(
        (name = "Tenancy", description = "Who calls."),
        (name = "Catalog", description = "What can be called."),
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
const ALWAYS: [(&str, &str); 2] = [
    ("401", "`unauthenticated`: the token is missing or wrong."),
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

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn every_described_route_says_what_it_takes_and_answers() {
        let document: Value = serde_json::from_slice(&DOCUMENT).unwrap();
        let mut routes = Vec::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                routes.push(format!("{method} {path}"));
                let responses = operation["responses"].as_object().unwrap();
                assert!(responses.keys().any(|status| status.starts_with('2')));
                assert!(operation["summary"].is_string(), "{method} {path}");
            }
        }
        insta::assert_snapshot!(routes.join("\n"), @r"
        get /admin/v1/agents
        post /admin/v1/agents
        get /admin/v1/agents/{id}
        patch /admin/v1/agents/{id}
        get /admin/v1/agents/{id}/keys
        post /admin/v1/agents/{id}/keys
        get /admin/v1/catalog
        put /admin/v1/catalog
        delete /admin/v1/keys/{id}
        patch /admin/v1/keys/{id}
        post /admin/v1/keys/{id}/rotate
        patch /admin/v1/models/{slug}
        patch /admin/v1/offers/{id}
        get /admin/v1/openapi.json
        get /admin/v1/tenants
        post /admin/v1/tenants
        get /admin/v1/tenants/{id}
        patch /admin/v1/tenants/{id}
        ");
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document: Value = serde_json::from_slice(&DOCUMENT).unwrap();
        let text = document.to_string();
        let mut references = 0;
        for rest in text.split("\"#/components/schemas/").skip(1) {
            let name = rest.split('"').next().unwrap();
            assert!(
                document["components"]["schemas"][name].is_object(),
                "{name}"
            );
            references += 1;
        }
        assert!(references > 30, "{references}");
    }
}
