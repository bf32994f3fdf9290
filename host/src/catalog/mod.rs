//! What can be routed to or pinned: one immutable version of the catalog.

mod estimate;
mod file;
mod money;
mod turned;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use rust_decimal::Decimal;

pub use estimate::{TOKENS_PER_IMAGE, estimate, estimated_input, estimated_output};
pub use file::{CatalogFile, Model, OfferEntry, Protocol, Simulate, SimulatedFailure, Venue};
pub use money::{NanoUsd, Prices};
pub use turned::Turned;

use crate::policy::Floor;

/// The catalog that a first start without one is seeded with.
pub const DEFAULT: &str = include_str!("default.toml");

/// Why a catalog cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// Not TOML of a catalog's form.
    #[error("the catalog is not valid: {0}")]
    Form(String),
    /// An entry that contradicts another or itself.
    #[error("catalog: {entry}: {why}")]
    Entry {
        /// Which one.
        entry: String,
        /// What is wrong.
        why: &'static str,
    },
}

/// One model on one venue, checked.
#[derive(Debug)]
pub struct Offer {
    /// `slug@provider`.
    pub id: Arc<str>,
    /// The model's slug.
    pub model: String,
    /// The venue's name.
    pub provider: String,
    /// The venue.
    pub venue: Arc<Venue>,
    /// The venue's name for the model.
    pub upstream_model: String,
    /// Whether it takes calls.
    pub active: bool,
    /// Its quality: measured where an operator set it, else assumed.
    pub quality: Floor,
    /// What it charges.
    pub prices: Prices,
    /// Whether it takes tools.
    pub tools: bool,
    /// Whether it takes images.
    pub images: bool,
    /// Whether it can think.
    pub thinking: bool,
    /// Tokens that input and output share.
    pub context_tokens: u64,
    /// The most output tokens.
    pub max_output_tokens: u64,
    /// Output tokens assumed where the caller names no limit.
    pub default_output_tokens: u64,
    /// How the simulated provider plays it.
    pub simulate: Simulate,
}

/// One version of the catalog. Immutable: an operator's change is a new one.
#[derive(Debug)]
pub struct Catalog {
    /// Its number in the records.
    pub version: i64,
    /// When it was made; the Unix epoch where that is not known.
    pub made: Timestamp,
    /// All offers, by id. A [`crate::routing::Mask`] counts in this order.
    pub offers: Vec<Arc<Offer>>,
    by_model: HashMap<String, Vec<usize>>,
}

impl CatalogFile {
    /// Reads TOML.
    ///
    /// # Errors
    /// If it is none, or has unknown keys.
    pub fn from_toml(text: &str) -> Result<Self, CatalogError> {
        toml::from_str(text).map_err(|e| CatalogError::Form(e.to_string()))
    }

    /// Reads JSON.
    ///
    /// # Errors
    /// If it is none, or has unknown keys.
    pub fn from_json(text: &str) -> Result<Self, CatalogError> {
        serde_json::from_str(text).map_err(|e| CatalogError::Form(e.to_string()))
    }

    /// Reads a file: JSON where it begins like an object, else TOML.
    ///
    /// # Errors
    /// If it is neither, or has unknown keys.
    pub fn read(text: &str) -> Result<Self, CatalogError> {
        if text.trim_start().starts_with('{') {
            Self::from_json(text)
        } else {
            Self::from_toml(text)
        }
    }
}

impl Catalog {
    /// Checks `file`, as version `version`.
    ///
    /// # Errors
    /// If an entry contradicts another or itself.
    pub fn new(version: i64, file: CatalogFile) -> Result<Self, CatalogError> {
        let venues: BTreeMap<String, Arc<Venue>> = file
            .providers
            .into_iter()
            .map(|(name, venue)| check_venue(&name, &venue).map(|()| (name, Arc::new(venue))))
            .collect::<Result<_, _>>()?;
        let mut qualities = BTreeMap::new();
        for model in file.models {
            let quality = check_model(&model)?;
            if qualities.insert(model.slug.clone(), quality).is_some() {
                return Err(entry("model", &model.slug, "is there twice"));
            }
        }
        let mut offers = Vec::with_capacity(file.offers.len());
        for offer in file.offers {
            offers.push(Arc::new(check_offer(offer, &venues, &qualities)?));
        }
        offers.sort_by(|a, b| a.id.cmp(&b.id));
        if let Some([twice, _]) = offers.array_windows().find(|[a, b]| a.id == b.id) {
            return Err(entry("offer", &twice.id, "is there twice"));
        }
        let mut by_model: HashMap<String, Vec<usize>> = qualities
            .into_keys()
            .map(|slug| (slug, Vec::new()))
            .collect();
        for (index, offer) in offers.iter().enumerate() {
            by_model.entry(offer.model.clone()).or_default().push(index);
        }
        Ok(Self {
            version,
            made: Timestamp::UNIX_EPOCH,
            offers,
            by_model,
        })
    }

    /// The same, made `us` microseconds after the Unix epoch.
    #[must_use]
    pub fn made_at(self, us: i64) -> Self {
        let made = Timestamp::from_microsecond(us).unwrap_or(self.made);
        Self { made, ..self }
    }

    /// Whether `name` is a model's slug or an offer's id: a pinned call's name,
    /// whatever a plugin says.
    #[must_use]
    pub fn names(&self, name: &str) -> bool {
        self.by_model.contains_key(name)
            || self
                .offers
                .binary_search_by(|offer| (*offer.id).cmp(name))
                .is_ok()
    }

    /// What the offer of this id charges.
    #[must_use]
    pub fn prices(&self, offer: &str) -> Option<Prices> {
        let index = self.offers.binary_search_by(|of| (*of.id).cmp(offer));
        Some(self.offers.get(index.ok()?)?.prices)
    }

    /// The positions of the offers that `name` pins: those of a slug, or the
    /// one of an id.
    #[must_use]
    pub fn pinned(&self, name: &str) -> Vec<usize> {
        match self.by_model.get(name) {
            Some(offers) => offers.clone(),
            None => self
                .offers
                .binary_search_by(|offer| (*offer.id).cmp(name))
                .into_iter()
                .collect(),
        }
    }

    /// The slugs of all models.
    pub fn slugs(&self) -> BTreeSet<&str> {
        self.by_model.keys().map(String::as_str).collect()
    }
}

fn entry(kind: &str, name: &str, why: &'static str) -> CatalogError {
    CatalogError::Entry {
        entry: format!(
            "{kind} `{}`",
            name.chars()
                .take(80)
                .flat_map(char::escape_debug)
                .collect::<String>()
        ),
        why,
    }
}

fn check_name(kind: &str, name: &str) -> Result<(), CatalogError> {
    if name.is_empty()
        || name.len() > 200
        || name
            .chars()
            .any(|c| c.is_control() || c.is_whitespace() || matches!(c, '@' | '"' | '\\'))
    {
        return Err(entry(
            kind,
            name,
            "needs a name of 1 to 200 bytes without white space, `@`, quotes and backslashes",
        ));
    }
    Ok(())
}

fn check_venue(name: &str, venue: &Venue) -> Result<(), CatalogError> {
    check_name("provider", name)?;
    if venue
        .key_env
        .as_deref()
        .is_some_and(|variable| variable.starts_with("AINFERA_"))
    {
        return Err(entry(
            "provider",
            name,
            "has a key_env of the gateway's own, whose value no provider may get",
        ));
    }
    let local = venue.protocol == Protocol::Simulated;
    match &venue.base_url {
        Some(_) if local => Err(entry(
            "provider",
            name,
            "is simulated and takes no base_url",
        )),
        None if !local => Err(entry("provider", name, "needs a base_url")),
        Some(url) if !url.starts_with("https://") && !url.starts_with("http://") => Err(entry(
            "provider",
            name,
            "needs a base_url that begins with https:// or http://",
        )),
        _ => Ok(()),
    }
}

fn check_model(model: &Model) -> Result<Floor, CatalogError> {
    check_name("model", &model.slug)?;
    let quality = |q: Decimal| {
        Floor::new(q).map_err(|_| entry("model", &model.slug, "needs qualities in [0, 1]"))
    };
    let prior = quality(model.q_prior)?;
    model.q_empirical.map_or(Ok(prior), quality)
}

fn check_offer(
    offer: OfferEntry,
    venues: &BTreeMap<String, Arc<Venue>>,
    qualities: &BTreeMap<String, Floor>,
) -> Result<Offer, CatalogError> {
    let id = format!("{}@{}", offer.model, offer.provider);
    let quality = *qualities
        .get(&offer.model)
        .ok_or_else(|| entry("offer", &id, "names a model that is not in [[models]]"))?;
    let venue = venues
        .get(&offer.provider)
        .ok_or_else(|| entry("offer", &id, "names a provider that is not in [providers]"))?;
    let prices = offer.prices().ok_or_else(|| {
        entry(
            "offer",
            &id,
            "needs prices of 0 to 1,000,000 dollars with at most 9 fractional digits",
        )
    })?;
    if offer.default_output_tokens > offer.max_output_tokens
        || offer.max_output_tokens > offer.context_tokens
    {
        return Err(entry(
            "offer",
            &id,
            "needs default_output_tokens ≤ max_output_tokens ≤ context_tokens",
        ));
    }
    if offer.context_tokens > 1_000_000_000 {
        return Err(entry(
            "offer",
            &id,
            "needs context_tokens of at most 1,000,000,000",
        ));
    }
    Ok(Offer {
        id: id.into(),
        prices,
        quality,
        venue: Arc::clone(venue),
        model: offer.model,
        provider: offer.provider,
        upstream_model: offer.upstream_model,
        active: offer.active,
        tools: offer.tools,
        images: offer.images,
        thinking: offer.thinking,
        context_tokens: offer.context_tokens,
        max_output_tokens: offer.max_output_tokens,
        default_output_tokens: offer.default_output_tokens,
        simulate: offer.simulate.unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod venues;
