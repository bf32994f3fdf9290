//! `GET /v1/models`: the names that a call may give as its model, in the shape
//! of the dialect that asks.
//!
//! Listed are the routing targets and the slugs of models that can be called
//! now. An alias of a target answers by its id, as the target; so does an offer
//! (`slug@provider`). Nothing is read from the database.

mod known;
mod page;
pub mod shape;

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode, Uri};
use serde::Serialize;

use self::page::{Page, PageQuery};
use super::callers::Caller;
use super::error::ApiError;
use super::headers::Receipt;
use super::openapi::anthropic::AnthropicShape;
use super::openapi::models::{ModelLists, Models};
use super::refusal::spoken;
use super::{Gateway, auth};
use crate::dialect::Dialect;

/// All of them; in Anthropic's shape by pages.
#[utoipa::path(
    get,
    path = "/v1/models",
    tag = "Models",
    operation_id = "listModels",
    summary = "Lists what can be called.",
    description = "In Anthropic's shape, by pages, where `anthropic-version` is given; else in OpenAI's, whole.",
    params(AnthropicShape, PageQuery),
    responses(ModelLists)
)]
pub async fn list_models(
    State(gateway): State<Arc<Gateway>>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    answer(&gateway, &uri, &headers, |caller, receipt| {
        let (routes, policy) = (gateway.routes.load(), gateway.policy.load());
        let models = known::all(&routes, caller, &policy.active.set);
        let made = routes.catalog.made;
        match receipt.dialect {
            Dialect::Anthropic => {
                let page = Page::of(&models, &PageQuery::read(&uri)?)?;
                json(&shape::anthropic_list(&page, made), receipt)
            }
            Dialect::OpenaiChat | Dialect::Native => {
                json(&shape::openai_list(&models, made), receipt)
            }
        }
    })
}

/// One of them.
#[utoipa::path(
    get,
    path = "/v1/models/{*id}",
    tag = "Models",
    operation_id = "getModel",
    summary = "Tells of one that can be called.",
    description = "In Anthropic's shape where `anthropic-version` is given, else in OpenAI's.",
    params(
        ("id" = String, Path, description = "A routing target, an alias of one, the slug of a model, or the id of an offer (`slug@provider`). May hold slashes, percent-encoded or not.", min_length = 1, example = "ainfera-inference"),
        AnthropicShape
    ),
    responses(Models)
)]
pub async fn get_model(
    State(gateway): State<Arc<Gateway>>,
    uri: Uri,
    headers: HeaderMap,
    id: Result<Path<String>, PathRejection>,
) -> Response {
    answer(&gateway, &uri, &headers, |caller, receipt| {
        let Path(id) = id.map_err(|_| ApiError::invalid("the model's id is not UTF-8"))?;
        let routes = gateway.routes.load();
        let model = known::one(&id, &routes, caller, gateway.policy.deciding(), receipt)?;
        let made = routes.catalog.made;
        match receipt.dialect {
            Dialect::Anthropic => json(&shape::anthropic(&model, made), receipt),
            Dialect::OpenaiChat | Dialect::Native => json(&shape::openai(&model, made), receipt),
        }
    })
}

/// What `serve` makes for a caller with a key, or the error.
fn answer(
    gateway: &Gateway,
    uri: &Uri,
    headers: &HeaderMap,
    serve: impl FnOnce(&Caller, &mut Receipt) -> Result<Response, ApiError>,
) -> Response {
    let mut receipt = Receipt::new(gateway.records.key(), spoken(uri, headers));
    auth::admit(headers, &gateway.callers, &mut receipt)
        .and_then(|caller| serve(&caller, &mut receipt))
        .unwrap_or_else(|error| error.respond(&receipt))
}

fn json(value: &impl Serialize, receipt: &Receipt) -> Result<Response, ApiError> {
    let body = serde_json::to_vec(value).map_err(|error| ApiError::invalid(error.to_string()))?;
    Ok(receipt.json(StatusCode::OK, body))
}
