//! From digests to components and sets that are ready to decide.

use std::sync::Arc;

use bytes::Bytes;

use super::background;
use super::error::Internal;
use super::history;
use super::library::Library;
use super::verify::Rejected;
use crate::policy::set::{Digests, SetError};
use crate::policy::settings::FINGERPRINT;
use crate::policy::{Component, Generation, LoadError, PolicySet};
use crate::store::Digest;
use crate::store::components::{self, ComponentState};
use crate::store::generations::{self, Generation as Row};

/// Who re-verifies, in the audit.
const HOST: &str = "host";

/// Why a digest cannot be put into a set.
#[derive(Debug, thiserror::Error)]
pub enum LoadedError {
    /// Nothing of this digest.
    #[error("there is no component {0}; upload it first")]
    Missing(Digest),
    /// It was never found good.
    #[error("component {0} is not verified; upload it again to see why")]
    NotVerified(Digest),
    /// It was good on another engine and is not on this one.
    #[error(transparent)]
    Rejected(#[from] Rejected),
    /// It does not even compile.
    #[error("component {digest} cannot be loaded: {error}")]
    Unloadable {
        /// Which one.
        digest: Digest,
        /// Why.
        error: LoadError,
    },
    /// The three do not make a set.
    #[error(transparent)]
    Set(#[from] SetError),
    /// Nobody's mistake.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl Library {
    /// A stored generation, ready to decide.
    pub(super) async fn generation(&self, row: &Row) -> Result<Generation, LoadedError> {
        let set = self.set(history::digests(row)).await?;
        Ok(Generation::new(row.generation, set))
    }

    /// What answers for `active` where it faults: the latest other set that loads
    /// and was neither rolled back from nor revoked, however long ago.
    pub(super) async fn last_good(&self, active: &Generation) -> Option<Arc<Generation>> {
        let found = self.good(active.number, active.set.digests()).await;
        found.map(|(generation, _)| Arc::new(generation))
    }

    /// The same for `digests`, active as `number`, and the row that it is of.
    pub(super) async fn good(&self, number: i64, digests: Digests) -> Option<(Generation, Row)> {
        let own = history::stored(digests);
        let mut before = number;
        loop {
            let row = match generations::good(&self.store, before, number, &own).await {
                Ok(row) => row?,
                Err(error) => {
                    tracing::warn!(%error, "no earlier policy set could be read");
                    return None;
                }
            };
            before = row.generation;
            let why = match self.generation(&row).await {
                Ok(generation) => match self.model_of(&generation.set) {
                    None => return Some((generation, row)),
                    Some(name) => format!("the catalog names `{name}`"),
                },
                Err(error) => error.to_string(),
            };
            tracing::warn!(generation = row.generation, why, "policy_set_unusable");
        }
    }

    /// The first name that a set routes and the catalog has.
    pub(super) fn model_of(&self, set: &PolicySet) -> Option<String> {
        let name = set.names().find(|name| (self.is_model)(name));
        name.map(str::to_owned)
    }

    /// The set of these digests, from memory where it was used lately.
    pub(super) async fn set(&self, digests: Digests) -> Result<Arc<PolicySet>, LoadedError> {
        if let Some(set) = self.sets.get(&digests) {
            return Ok(set);
        }
        let Digests {
            alias_resolver,
            preference_dial,
            floor_clamp,
        } = digests;
        let set = PolicySet::new(
            self.component(alias_resolver).await?,
            self.component(preference_dial).await?,
            self.component(floor_clamp).await?,
        )?;
        let set = Arc::new(set);
        self.sets.put(digests, &set);
        Ok(set)
    }

    /// The verified component of this digest. One that was verified on another
    /// engine is verified again.
    pub(super) async fn component(&self, digest: Digest) -> Result<Arc<Component>, LoadedError> {
        if let Some(component) = self.components.get(&digest) {
            return Ok(component);
        }
        let row = components::get(&self.store, digest)
            .await
            .map_err(Internal::from)?
            .ok_or(LoadedError::Missing(digest))?;
        if row.state != ComponentState::Verified {
            return Err(LoadedError::NotVerified(digest));
        }
        let bytes = components::bytes(&self.store, digest)
            .await
            .map_err(Internal::from)?
            .ok_or(LoadedError::Missing(digest))?;
        let budget = row
            .fuel_budget
            .and_then(|fuel| u64::try_from(fuel).ok())
            .filter(|_| row.fingerprint.as_deref() == Some(FINGERPRINT));
        let component = match budget {
            Some(fuel) => self
                .compile(bytes, fuel)
                .await?
                .map_err(|error| LoadedError::Unloadable { digest, error })?,
            None => {
                let found = self.verify(Bytes::from(bytes)).await?;
                self.judge(digest, &found, HOST).await?;
                found?.component
            }
        };
        self.components.put(digest, &component);
        Ok(component)
    }

    async fn compile(
        &self,
        bytes: Vec<u8>,
        fuel: u64,
    ) -> Result<Result<Arc<Component>, LoadError>, Internal> {
        let engine = self.engine.clone();
        let work = move || {
            let component = Component::load(&engine, &bytes)?;
            component.keep_code();
            Ok(Arc::new(component.with_fuel(fuel)))
        };
        background::run(work).await
    }
}
