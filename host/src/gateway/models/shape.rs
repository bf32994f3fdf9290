//! Models as the dialects write them.
//!
//! The gateway does not know when a model was made: both dialects get the date
//! of the catalog version that lists it.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::known::Model;
use super::page::Page;

/// A model in Anthropic's shape.
#[derive(Serialize, ToSchema)]
pub struct AnthropicModel<'a> {
    r#type: &'static str,
    id: &'a str,
    display_name: &'a str,
    created_at: String,
}

/// A page of models in Anthropic's shape.
#[derive(Serialize, ToSchema)]
pub struct AnthropicModelPage<'a> {
    data: Vec<AnthropicModel<'a>>,
    has_more: bool,
    first_id: Option<&'a str>,
    last_id: Option<&'a str>,
}

/// A model in OpenAI's shape.
#[derive(Serialize, ToSchema)]
pub struct OpenaiModel<'a> {
    id: &'a str,
    object: &'static str,
    created: i64,
    owned_by: &'a str,
}

/// All models in OpenAI's shape.
#[derive(Serialize, ToSchema)]
pub struct OpenaiModelList<'a> {
    object: &'static str,
    data: Vec<OpenaiModel<'a>>,
}

/// `model` in a catalog that was made at `made`.
pub fn anthropic(model: &Model, made: Timestamp) -> AnthropicModel<'_> {
    AnthropicModel {
        r#type: "model",
        id: &model.id,
        display_name: &model.id,
        created_at: made.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
    }
}

/// `page` of a catalog that was made at `made`.
pub fn anthropic_list<'a>(page: &Page<'a>, made: Timestamp) -> AnthropicModelPage<'a> {
    let models = page.models;
    AnthropicModelPage {
        data: models.iter().map(|model| anthropic(model, made)).collect(),
        has_more: page.has_more,
        first_id: models.first().map(|model| &*model.id),
        last_id: models.last().map(|model| &*model.id),
    }
}

/// `model` in a catalog that was made at `made`.
pub fn openai(model: &Model, made: Timestamp) -> OpenaiModel<'_> {
    OpenaiModel {
        id: &model.id,
        object: "model",
        created: made.as_second(),
        owned_by: &model.owner,
    }
}

/// All of `models`, in a catalog that was made at `made`.
pub fn openai_list(models: &[Model], made: Timestamp) -> OpenaiModelList<'_> {
    OpenaiModelList {
        object: "list",
        data: models.iter().map(|model| openai(model, made)).collect(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn each_dialect_has_its_shape() {
        let made = Timestamp::from_microsecond(1_790_000_000_123_456).unwrap();
        let model = Model {
            id: "m".to_owned(),
            owner: "a,b".to_owned(),
        };
        let models = [model];
        let page = Page {
            models: &models,
            has_more: true,
        };
        let none = Page {
            models: &[],
            has_more: false,
        };
        let anthropic = |page| serde_json::to_string(&anthropic_list(page, made)).unwrap();
        insta::assert_snapshot!(anthropic(&page), @r#"{"data":[{"type":"model","id":"m","display_name":"m","created_at":"2026-09-21T14:13:20Z"}],"has_more":true,"first_id":"m","last_id":"m"}"#);
        insta::assert_snapshot!(anthropic(&none), @r#"{"data":[],"has_more":false,"first_id":null,"last_id":null}"#);
        let openai = serde_json::to_string(&openai_list(&models, made)).unwrap();
        insta::assert_snapshot!(openai, @r#"{"object":"list","data":[{"id":"m","object":"model","created":1790000000,"owned_by":"a,b"}]}"#);
    }
}
