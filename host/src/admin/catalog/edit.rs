//! What can be changed of offers and models.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::admin::body;
use crate::admin::error::ApiError;
use crate::catalog::CatalogFile;

/// What to change of an offer; what is left out stays. Prices are US dollars
/// for a million tokens, as strings.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OfferWish {
    /// Whether it takes calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    active: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "0.26")]
    input_usd_per_mtok: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "0.39")]
    output_usd_per_mtok: Option<Decimal>,
    /// Null: the input price.
    #[serde(
        default,
        deserialize_with = "body::given",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<String>)]
    cache_read_usd_per_mtok: Option<Option<Decimal>>,
    /// Null: the input price.
    #[serde(
        default,
        deserialize_with = "body::given",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<String>)]
    cache_write_usd_per_mtok: Option<Option<Decimal>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tools: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    images: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    context_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_output_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_output_tokens: Option<u64>,
}

/// What to change of a model; what is left out stays.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ModelWish {
    /// Its assumed quality, a decimal in [0, 1] as a string.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "0.60")]
    q_prior: Option<Decimal>,
    /// Its measured quality, which wins over the assumed one; null takes it away.
    #[serde(
        default,
        deserialize_with = "body::given",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<String>, example = "0.72")]
    q_empirical: Option<Option<Decimal>>,
}

impl OfferWish {
    pub(super) fn apply(self, catalog: &mut CatalogFile, id: &str) -> Result<(), ApiError> {
        let mut offers = catalog.offers.iter_mut();
        let offer = offers.find(|offer| offer.id() == id).ok_or_else(no_offer)?;
        set(&mut offer.active, self.active);
        set(&mut offer.input_usd_per_mtok, self.input_usd_per_mtok);
        set(&mut offer.output_usd_per_mtok, self.output_usd_per_mtok);
        set(
            &mut offer.cache_read_usd_per_mtok,
            self.cache_read_usd_per_mtok,
        );
        set(
            &mut offer.cache_write_usd_per_mtok,
            self.cache_write_usd_per_mtok,
        );
        set(&mut offer.tools, self.tools);
        set(&mut offer.images, self.images);
        set(&mut offer.thinking, self.thinking);
        set(&mut offer.context_tokens, self.context_tokens);
        set(&mut offer.max_output_tokens, self.max_output_tokens);
        set(&mut offer.default_output_tokens, self.default_output_tokens);
        Ok(())
    }
}

impl ModelWish {
    pub(super) fn apply(self, catalog: &mut CatalogFile, slug: &str) -> Result<(), ApiError> {
        let mut models = catalog.models.iter_mut();
        let model = models
            .find(|model| model.slug == slug)
            .ok_or_else(no_model)?;
        set(&mut model.q_prior, self.q_prior);
        set(&mut model.q_empirical, self.q_empirical);
        Ok(())
    }
}

fn set<T>(field: &mut T, wish: Option<T>) {
    if let Some(value) = wish {
        *field = value;
    }
}

pub(super) fn no_offer() -> ApiError {
    ApiError::not_found("there is no such offer; `GET /admin/v1/catalog` lists them")
}

pub(super) fn no_model() -> ApiError {
    ApiError::not_found("there is no such model; `GET /admin/v1/catalog` lists them")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use crate::catalog::DEFAULT;

    #[test]
    fn what_is_left_out_stays_and_null_takes_away() {
        let mut catalog = CatalogFile::from_toml(DEFAULT).unwrap();
        let before = catalog.clone();
        let id = catalog.offers[0].id();
        let apply = |catalog: &mut CatalogFile, wish: &str| {
            let wish: OfferWish = serde_json::from_str(wish).unwrap();
            wish.apply(catalog, &id).unwrap();
        };
        apply(&mut catalog, "{}");
        let text = |catalog: &CatalogFile| serde_json::to_string(catalog).unwrap();
        assert_eq!(text(&catalog), text(&before));
        apply(&mut catalog, r#"{"cache_read_usd_per_mtok": "0.10"}"#);
        let read = catalog.offers[0].cache_read_usd_per_mtok.unwrap();
        assert_eq!(read.to_string(), "0.10", "scale is kept");
        apply(&mut catalog, r#"{"cache_read_usd_per_mtok": null}"#);
        assert_eq!(catalog.offers[0].cache_read_usd_per_mtok, None);
        for bad in [
            r#"{"input_usd_per_mtok": 0.1}"#,
            r#"{"upstream_model": "x"}"#,
            r#"{"active": "yes"}"#,
            r#"{"context_tokens": -1}"#,
        ] {
            assert!(serde_json::from_str::<OfferWish>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_audit_gets_what_was_asked_for() {
        let asked = r#"{"q_empirical":null}"#;
        let wish: ModelWish = serde_json::from_str(asked).unwrap();
        assert_eq!(serde_json::to_string(&wish).unwrap(), asked);
    }
}
