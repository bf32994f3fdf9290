//! Models, as they are documented.

use std::collections::BTreeMap;

use utoipa::IntoResponses;
use utoipa::openapi::{RefOr, Response};

use super::answers::{found, listed};
use crate::gateway::models::shape::{
    AnthropicModel, AnthropicModelPage, OpenaiModel, OpenaiModelList,
};

/// What `GET /v1/models` answers.
pub struct ModelLists;

impl IntoResponses for ModelLists {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        listed::<AnthropicModelPage<'static>, OpenaiModelList<'static>>()
    }
}

/// What `GET /v1/models/{id}` answers.
pub struct Models;

impl IntoResponses for Models {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        found::<AnthropicModel<'static>, OpenaiModel<'static>>()
    }
}
