//! The client API's description (OpenAPI 3.1), made of the code: the routes of
//! the router, the errors of their constructors, examples that the encoders
//! write. What the dialects' messages look like stands here, one folder for
//! each; those types are documentation and nothing else.

mod answers;
pub mod anthropic;
mod errors;
mod forms;
mod headers;
pub mod idempotency;
pub mod models;
pub mod native;
pub mod openai;
pub mod records;
mod sample;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::count_tokens::TokenCount;
use super::models::shape;
use super::records::{audit as audit_page, inference as record, receipt};

/// What is said of the API as a whole.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Ainfera",
        description = "An LLM inference gateway. Call it in the Anthropic or the OpenAI dialect, or in its own form; name a routing target to have a model chosen, or a model to pin it.\n\nErrors before the first event of an answer have an HTTP status and are in the caller's dialect; after it the stream ends with the dialect's own error event. A path that takes another method answers 405.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    servers((url = "/")),
    security(("api_key" = []), ("bearer" = [])),
    tags(
        (name = "Inference", description = "Calls for an answer."),
        (name = "Models", description = "What can be called."),
        (name = "Records", description = "What the key's agent did."),
        (name = "Service", description = "The gateway itself. Needs no key.")
    ),
    components(schemas(
        anthropic::AnthropicError,
        anthropic::Message,
        anthropic::MessageStreamEvent,
        errors::ProviderError,
        native::Inference,
        native::InferenceEvent,
        record::InferenceRecord<'static>,
        receipt::ReceiptRecord<'static>,
        audit_page::AuditPage,
        openai::ChatCompletion,
        openai::ChatCompletionChunk,
        openai::OpenaiError,
        shape::AnthropicModelPage<'static>,
        shape::OpenaiModelList<'static>,
        TokenCount
    )),
    modifiers(&Shared)
)]
pub struct General;

/// What operations refer to.
struct Shared;

impl Modify for Shared {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_default();
        let key = ApiKey::Header(ApiKeyValue::new("x-api-key"));
        components.add_security_scheme("api_key", SecurityScheme::ApiKey(key));
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        headers::declare(components);
    }
}

/// The description as it is served.
static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| {
    let mut description = super::api().into_openapi();
    // The router's way to write that a parameter may hold slashes.
    let paths = std::mem::take(&mut description.paths.paths);
    let paths = paths.into_iter();
    description.paths.paths = paths
        .map(|(path, item)| (path.replace("{*", "{"), item))
        .collect();
    serde_json::to_vec(&description).unwrap_or_default().into()
});

/// Makes the description, so that no caller waits for it.
pub fn prepare() {
    LazyLock::force(&DOCUMENT);
}

/// This description.
#[utoipa::path(
    get,
    path = "/openapi.json",
    tag = "Service",
    security(()),
    responses((status = 200, description = "The description of this API (OpenAPI 3.1).", body = Object))
)]
pub async fn openapi() -> Response {
    let mut response = DOCUMENT.clone().into_response();
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}
