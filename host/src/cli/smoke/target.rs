//! From the catalog to the one offer that is called.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::problem::Problem;
use crate::catalog::{Catalog, CatalogFile, Offer, estimate};
use crate::dialect::Shape;
use crate::provider::{Providers, SetupError, Timeouts};

/// What is called, and with which key.
pub(super) struct Target {
    /// The provider alone, with its offers.
    catalog: Catalog,
    /// The offer.
    pub(super) offer: Arc<Offer>,
    key: Option<String>,
}

impl Target {
    /// The offer of `model` on `provider`, dark or active; its cheapest where no
    /// model is named.
    pub(super) fn new(
        file: &CatalogFile,
        provider: &str,
        model: Option<&str>,
        base_url: Option<&str>,
        env: &impl Fn(&str) -> Option<String>,
    ) -> Result<Self, Problem> {
        let venue = file
            .providers
            .get(provider)
            .ok_or_else(|| Problem::unknown_provider(provider, file.providers.keys()))?;
        let mut venue = venue.clone();
        if let Some(url) = base_url {
            venue.base_url = Some(url.to_owned());
        }
        let key = match &venue.key_env {
            None => None,
            Some(variable) => {
                let key = env(variable).filter(|key| !key.is_empty());
                Some(key.ok_or_else(|| Problem::missing_key(provider, variable))?)
            }
        };
        let mut offers = file.offers.clone();
        offers.retain(|offer| offer.provider == provider);
        let alone = CatalogFile {
            providers: BTreeMap::from([(provider.to_owned(), venue)]),
            models: file.models.clone(),
            offers,
        };
        // The whole was checked: only the URL can be wrong.
        let catalog = Catalog::new(0, alone).map_err(Problem::bad_base_url)?;
        let mut candidates = catalog.offers.iter();
        let offer = match model {
            None => candidates
                .min_by_key(|offer| estimate(offer, &Shape::default()))
                .ok_or_else(|| Problem::no_offer(provider))?,
            Some(name) => candidates
                .find(|offer| {
                    *offer.id == *name || offer.model == name || offer.upstream_model == name
                })
                .ok_or_else(|| {
                    let known = catalog.offers.iter().map(|offer| &offer.model);
                    Problem::unknown_model(name, provider, known)
                })?,
        };
        Ok(Self {
            offer: Arc::clone(offer),
            catalog,
            key,
        })
    }

    /// The gateway's adapters, with no connection made yet.
    pub(super) fn providers(&self, timeouts: Timeouts) -> Result<Providers, Problem> {
        Providers::new(&self.catalog, |_| self.key.clone(), timeouts).map_err(|error| match error {
            SetupError::Url(_) => Problem::bad_base_url(error),
            SetupError::Key(_) => Problem::bad_key(error),
            SetupError::Http(_) => Problem::internal(error),
        })
    }
}
