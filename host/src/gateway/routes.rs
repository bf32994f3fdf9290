//! The catalog with what of it can be called now, replaced as one.

use std::sync::Arc;

use crate::catalog::Catalog;
use crate::provider::{Providers, SetupError, Timeouts};
use crate::routing::Mask;

/// One catalog version, its providers, and the offers that may be called.
pub struct Routes {
    /// The catalog version.
    pub catalog: Catalog,
    /// Its venues.
    pub providers: Providers,
    /// Offers that are active and have a key.
    pub mask: Mask,
    /// The mask as it is recorded.
    pub mask_text: Arc<str>,
}

impl Routes {
    /// The routes of `catalog` with the keys that `env` has.
    ///
    /// # Errors
    /// If a provider cannot be set up.
    pub fn new(
        catalog: Catalog,
        env: impl Fn(&str) -> Option<String>,
        timeouts: Timeouts,
    ) -> Result<Self, SetupError> {
        let providers = Providers::new(&catalog, env, timeouts)?;
        let mask = Mask::of(&catalog, |offer| offer.active && providers.can_call(offer));
        let mask_text = mask.to_string().into();
        Ok(Self {
            catalog,
            providers,
            mask,
            mask_text,
        })
    }
}
