//! The names that a call may give as its model.

use std::collections::{BTreeMap, BTreeSet};

use crate::gateway::callers::Caller;
use crate::gateway::choose;
use crate::gateway::error::ApiError;
use crate::gateway::headers::Receipt;
use crate::gateway::routes::Routes;
use crate::policy::{Deciding, PolicySet};

/// Whose the routing targets are.
const OURS: &str = "ainfera";

/// A name that can be called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    /// The name.
    pub id: String,
    /// The providers that serve it, separated by commas; `ainfera` for a
    /// routing target.
    pub owner: String,
}

impl Model {
    fn target(name: &str) -> Self {
        Self {
            id: name.to_owned(),
            owner: OURS.to_owned(),
        }
    }

    fn served(name: &str, providers: &BTreeSet<&str>) -> Self {
        let providers: Vec<_> = providers.iter().copied().collect();
        Self {
            id: name.to_owned(),
            owner: providers.join(","),
        }
    }
}

/// The targets of `set`, then the slugs that have an offer which `caller` may be
/// given; both in alphabetical order.
pub fn all(routes: &Routes, caller: &Caller, set: &PolicySet) -> Vec<Model> {
    let eligible = routes.eligible(caller);
    let mut targets: Vec<_> = set.targets().collect();
    targets.sort_unstable();
    let mut slugs: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (index, offer) in routes.catalog.offers.iter().enumerate() {
        if eligible.mask.has(index) {
            let providers = slugs.entry(&offer.model).or_default();
            providers.insert(&offer.provider);
        }
    }
    let slugs = slugs.iter();
    targets
        .into_iter()
        .map(Model::target)
        .chain(slugs.map(|(slug, providers)| Model::served(slug, providers)))
        .collect()
}

/// The model of the name `id`: a slug, an offer, a target, or what an alias
/// stands for.
///
/// # Errors
/// 404 for a name that cannot be called, 410 for an alias past its sunset.
pub fn one(
    id: &str,
    routes: &Routes,
    caller: &Caller,
    mut deciding: Deciding,
    receipt: &mut Receipt,
) -> Result<Model, ApiError> {
    if routes.catalog.names(id) {
        let named = routes.catalog.pinned(id);
        let eligible = routes.eligible(caller);
        let callable = named.into_iter().filter(|index| eligible.mask.has(*index));
        let providers: BTreeSet<_> = callable
            .filter_map(|index| routes.catalog.offers.get(index))
            .map(|offer| &*offer.provider)
            .collect();
        return if providers.is_empty() {
            Err(ApiError::not_found(format!(
                "the model `{id}` can't be called: no offer of it is active, has a key configured and is allowed for this key's agent; ask the operator"
            )))
        } else {
            Ok(Model::served(id, &providers))
        };
    }
    // A component is asked only of names that it lists: looking for models is
    // no way to make it fault.
    if !deciding.active().set.lists(id) {
        return Err(choose::unknown(id, &deciding));
    }
    let classified = deciding
        .classify(id, choose::today())
        .map_err(|error| ApiError::policy_unavailable(error.to_string()))?;
    let (target, _) = choose::target(id, &classified, &deciding, receipt)?;
    Ok(Model::target(target))
}
