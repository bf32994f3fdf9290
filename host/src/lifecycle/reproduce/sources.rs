//! What decisions name: components, and catalog versions. Each is read and
//! compiled once.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Serialize;

use crate::catalog::{Catalog, CatalogFile};
use crate::policy::set::Digests;
use crate::policy::settings::FINGERPRINT;
use crate::policy::{Component, PolicyEngine, PolicySet};
use crate::store::{Digest, Store, StoreError, catalog, components};

/// Something that a decision names and that cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, thiserror::Error)]
#[error("{what} {id}: {why}")]
pub struct Missing {
    /// `component`, `policy set`, `generation` or `catalog version`.
    pub what: &'static str,
    /// Which one.
    pub id: String,
    /// What is wrong with it.
    pub why: String,
}

type Had<T> = Result<Arc<T>, Missing>;

/// The store that is named, and what was read of it.
pub(super) struct Sources {
    store: Store,
    engine: PolicyEngine,
    components: HashMap<Digest, Had<Component>>,
    sets: HashMap<Digests, Had<PolicySet>>,
    catalogs: HashMap<i64, Had<Catalog>>,
}

impl Sources {
    pub(super) fn new(store: Store, engine: PolicyEngine) -> Self {
        Self {
            store,
            engine,
            components: HashMap::new(),
            sets: HashMap::new(),
            catalogs: HashMap::new(),
        }
    }

    /// Policy sets, components and catalog versions that were read.
    pub(super) fn counts(&self) -> (usize, usize, usize) {
        (self.sets.len(), self.components.len(), self.catalogs.len())
    }

    /// The set of these digests.
    pub(super) async fn set(&mut self, digests: Digests) -> Result<Had<PolicySet>, StoreError> {
        if let Some(set) = self.sets.get(&digests) {
            return Ok(set.clone());
        }
        let parts = [
            self.component(digests.alias_resolver).await?,
            self.component(digests.preference_dial).await?,
            self.component(digests.floor_clamp).await?,
        ];
        let set = put_together(&digests, parts);
        self.sets.insert(digests, set.clone());
        Ok(set)
    }

    async fn component(&mut self, digest: Digest) -> Result<Had<Component>, StoreError> {
        if let Some(component) = self.components.get(&digest) {
            return Ok(component.clone());
        }
        let component = self.load(digest).await?.map_err(|why| Missing {
            what: "component",
            id: digest.to_string(),
            why,
        });
        self.components.insert(digest, component.clone());
        Ok(component)
    }

    async fn load(&self, digest: Digest) -> Result<Result<Arc<Component>, String>, StoreError> {
        let row = components::get(&self.store, digest).await?;
        let bytes = components::bytes(&self.store, digest).await?;
        let (Some(row), Some(bytes)) = (row, bytes) else {
            return Ok(Err("the database does not have it".to_owned()));
        };
        if Digest::of(&bytes) != digest {
            return Ok(Err(
                "its bytes were changed: they have another digest".to_owned()
            ));
        }
        // Fuel counts differently on another engine: then the most there is.
        let budget = row
            .fuel_budget
            .and_then(|fuel| u64::try_from(fuel).ok())
            .filter(|_| row.fingerprint.as_deref() == Some(FINGERPRINT));
        Ok(Component::load(&self.engine, &bytes)
            .map(|component| match budget {
                Some(fuel) => Arc::new(component.with_fuel(fuel)),
                None => Arc::new(component),
            })
            .map_err(|error| error.to_string()))
    }

    /// The catalog version of this number.
    pub(super) async fn catalog(&mut self, version: i64) -> Result<Had<Catalog>, StoreError> {
        if let Some(catalog) = self.catalogs.get(&version) {
            return Ok(catalog.clone());
        }
        let catalog = match catalog::get(&self.store, version).await? {
            None => Err("the database does not have it".to_owned()),
            Some(row) if Digest::of(row.body.as_bytes()) != row.digest => {
                Err("its text was changed: it has another digest".to_owned())
            }
            Some(row) => serde_json::from_str::<CatalogFile>(&row.body)
                .map_err(|error| error.to_string())
                .and_then(|file| Catalog::new(version, file).map_err(|error| error.to_string())),
        };
        let catalog = catalog.map(Arc::new).map_err(|why| Missing {
            what: "catalog version",
            id: version.to_string(),
            why,
        });
        self.catalogs.insert(version, catalog.clone());
        Ok(catalog)
    }
}

fn put_together(digests: &Digests, parts: [Had<Component>; 3]) -> Had<PolicySet> {
    let [resolver, dial, clamp] = parts;
    PolicySet::new(resolver?, dial?, clamp?)
        .map(Arc::new)
        .map_err(|error| Missing {
            what: "policy set",
            id: format!(
                "{} {} {}",
                digests.alias_resolver, digests.preference_dial, digests.floor_clamp
            ),
            why: error.to_string(),
        })
}
