//! The names that a policy routes, read without starting it.

use std::collections::BTreeSet;

use super::builtin::ALIAS_RESOLVER;
use crate::policy::{Component, Fault, LoadError, PolicyEngine};
use crate::store::{Store, StoreError, components, generations};

/// Why nobody can tell what the policy routes.
#[derive(Debug, thiserror::Error)]
pub enum NamesError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The resolver of the active generation does not load.
    #[error("the active alias resolver cannot be loaded: {0}")]
    Load(#[from] LoadError),
    /// It does not tell.
    #[error("the active alias resolver does not list its names: {0}")]
    Fault(#[from] Fault),
}

/// The targets and aliases of the active generation in `store`; before the
/// first start, those of the reference set.
///
/// # Errors
/// If they cannot be read.
pub async fn routed_names(
    engine: &PolicyEngine,
    store: &Store,
) -> Result<BTreeSet<String>, NamesError> {
    let resolver = match generations::active(store).await? {
        None => Component::load(engine, ALIAS_RESOLVER)?,
        Some(active) => {
            let bytes = components::bytes(store, active.digests.alias_resolver).await?;
            let bytes = bytes.ok_or(StoreError::Missing { what: "component" })?;
            Component::load(engine, &bytes)?
        }
    };
    let (listing, _) = resolver.listing()?;
    Ok(listing.targets.into_iter().chain(listing.aliases).collect())
}
