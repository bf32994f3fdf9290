//! The catalog with what of it can be called now, replaced as one.

use std::sync::Arc;

use super::callers::Caller;
use crate::catalog::{Catalog, Offer};
use crate::provider::{Providers, SetupError, Timeouts};
use crate::routing::{Breakers, Mask};

/// One catalog version, its providers, and the offers that may be called.
pub struct Routes {
    /// The catalog version.
    pub catalog: Catalog,
    /// Its venues.
    pub providers: Providers,
    /// Offers that are active and have a key.
    callable: Arc<Eligible>,
    /// The offers' breakers, which outlive the version.
    pub breakers: Breakers,
}

/// Which offers may be called.
#[derive(Debug)]
pub struct Eligible {
    /// The offers.
    pub mask: Mask,
    /// The mask as it is recorded.
    pub text: Arc<str>,
}

impl Eligible {
    fn of(catalog: &Catalog, may_be: impl Fn(&Offer) -> bool) -> Arc<Self> {
        let mask = Mask::of(catalog, may_be);
        let text = mask.to_string().into();
        Arc::new(Self { mask, text })
    }
}

impl Routes {
    /// The routes of `catalog` with the keys that `env` has, and the breakers
    /// of the version before.
    ///
    /// # Errors
    /// If a provider cannot be set up.
    pub fn new(
        catalog: Catalog,
        env: impl Fn(&str) -> Option<String>,
        timeouts: Timeouts,
        breakers: Breakers,
    ) -> Result<Self, SetupError> {
        let providers = Providers::new(&catalog, env, timeouts)?;
        Ok(Self::with(catalog, providers, breakers))
    }

    /// The routes of another version of the catalog, with the same connections
    /// and breakers.
    ///
    /// # Errors
    /// If a provider cannot be set up.
    pub fn of(
        &self,
        catalog: Catalog,
        env: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, SetupError> {
        let providers = self.providers.of(&catalog, env)?;
        Ok(Self::with(catalog, providers, self.breakers.clone()))
    }

    /// The same, of a catalog made `us` microseconds after the Unix epoch.
    #[must_use]
    pub fn made_at(self, us: i64) -> Self {
        Self {
            catalog: self.catalog.made_at(us),
            ..self
        }
    }

    fn with(catalog: Catalog, providers: Providers, breakers: Breakers) -> Self {
        let callable = Eligible::of(&catalog, |offer| offer.active && providers.can_call(offer));
        Self {
            catalog,
            providers,
            callable,
            breakers,
        }
    }

    /// Whether the offer at `index` is active and has a key.
    #[must_use]
    pub fn can_call(&self, index: usize) -> bool {
        self.callable.mask.has(index)
    }

    /// The offers that `caller` may be given.
    #[must_use]
    pub fn eligible(&self, caller: &Caller) -> Arc<Eligible> {
        if caller.allowed.is_none() {
            return Arc::clone(&self.callable);
        }
        Eligible::of(&self.catalog, |offer| {
            offer.active && self.providers.can_call(offer) && caller.may_use(offer)
        })
    }
}
