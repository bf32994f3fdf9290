//! The catalog as it is written: TOML in a file, JSON in the database.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::money::Prices;
use crate::dialect::openai::Quirks;

/// Everything that can be routed to or pinned.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CatalogFile {
    /// Venues by name.
    pub providers: BTreeMap<String, Venue>,
    /// Models.
    #[serde(default)]
    pub models: Vec<Model>,
    /// Models on venues.
    #[serde(default)]
    pub offers: Vec<OfferEntry>,
}

/// A provider as data.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Venue {
    /// How it is spoken to.
    pub protocol: Protocol,
    /// Where; the protocol's path is appended. Not for `simulated`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// The environment variable that holds its key. Never the key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_env: Option<String>,
    /// Where it departs from the protocol.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub quirks: Quirks,
}

/// A wire protocol that an adapter speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// Anthropic Messages.
    Anthropic,
    /// OpenAI Chat Completions.
    OpenaiChat,
    /// OpenAI Responses, for models that are only offered there.
    OpenaiResponses,
    /// Built in: answers with no key and no network.
    Simulated,
}

/// A model, wherever it runs.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// Its name for clients.
    pub slug: String,
    /// Its assumed quality, in [0, 1].
    #[schema(value_type = String)]
    pub q_prior: Decimal,
    /// Its measured quality, in [0, 1]; wins over the assumed one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub q_empirical: Option<Decimal>,
}

/// One model on one venue.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfferEntry {
    /// The model's slug.
    pub model: String,
    /// The venue's name.
    pub provider: String,
    /// The venue's name for the model.
    pub upstream_model: String,
    /// Whether it takes calls. A dark offer does not.
    #[serde(default)]
    pub active: bool,
    /// For input tokens, US dollars a million.
    #[schema(value_type = String)]
    pub input_usd_per_mtok: Decimal,
    /// For output tokens.
    #[schema(value_type = String)]
    pub output_usd_per_mtok: Decimal,
    /// For input tokens read from a cache; else the input price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub cache_read_usd_per_mtok: Option<Decimal>,
    /// For input tokens written to a cache; else the input price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub cache_write_usd_per_mtok: Option<Decimal>,
    /// Whether it takes tools.
    #[serde(default)]
    pub tools: bool,
    /// Whether it takes images.
    #[serde(default)]
    pub images: bool,
    /// Whether it can think.
    #[serde(default)]
    pub thinking: bool,
    /// Tokens that input and output share.
    pub context_tokens: u64,
    /// The most output tokens.
    pub max_output_tokens: u64,
    /// Output tokens assumed where the caller names no limit.
    pub default_output_tokens: u64,
    /// How the simulated provider plays it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub simulate: Option<Simulate>,
}

impl OfferEntry {
    /// `slug@provider`.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}@{}", self.model, self.provider)
    }

    pub(super) fn prices(&self) -> Option<Prices> {
        Prices::new(
            self.input_usd_per_mtok,
            self.output_usd_per_mtok,
            self.cache_read_usd_per_mtok,
            self.cache_write_usd_per_mtok,
        )
    }
}

/// What a simulated offer does.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Simulate {
    /// Milliseconds between two words of a stream.
    pub pace_ms: u64,
    /// How it fails; not at all where it is not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fail: Option<SimulatedFailure>,
}

/// Ways for the simulated provider to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SimulatedFailure {
    /// 529 instead of an answer.
    Overloaded,
    /// 400 instead of an answer.
    Refuses,
    /// 200, then an error as the first event.
    ErrorFirst,
    /// Breaks off in the middle of its answer.
    DiesMidStream,
    /// Never answers.
    Hangs,
}
