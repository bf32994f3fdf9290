//! The one place that changes what is active.

use std::num::NonZeroUsize;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::{Mutex, MutexGuard};

use super::keys::FounderKey;
use super::library::{Library, Upload, UploadError};
use super::sandbox::Sandbox;
use super::shadow::Latest;
use crate::policy::{Active, PolicyEngine};
use crate::store::Store;

/// The policy's life in this process. Every change of what is active goes
/// through it, one at a time.
pub struct Lifecycle {
    pub(super) library: Library,
    pub(super) active: Arc<Active>,
    /// Held while what is active, or a gate, changes.
    pub(super) turn: Mutex<()>,
    /// Who tries what nobody uploaded.
    pub(super) sandbox: Sandbox,
    /// The shadow that runs, or ran last.
    pub(super) shadow: Latest,
    /// The operator's founders, in place of those in the database.
    pub(super) fixed_founders: Option<Vec<FounderKey>>,
    /// How many founders have to sign, where there are as many.
    pub(super) threshold: NonZeroUsize,
    /// Whether the operator keeps the preference gate closed.
    pub(super) gate_held: bool,
}

impl Lifecycle {
    /// What decides now: requests take it from here.
    #[must_use]
    pub fn active(&self) -> &Arc<Active> {
        &self.active
    }

    /// The engine that components are compiled for and run on.
    #[must_use]
    pub fn engine(&self) -> &PolicyEngine {
        &self.library.engine
    }

    /// Whether the operator keeps the preference gate closed, whatever is
    /// stored.
    #[must_use]
    pub fn gate_held(&self) -> bool {
        self.gate_held
    }

    /// Keeps what is active as it is, for as long as the guard lives.
    pub async fn hold(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// The first name that `taken` is true of, among those that the active set
    /// routes or the one that answers where it faults.
    #[must_use]
    pub fn routes_any(&self, taken: impl Fn(&str) -> bool) -> Option<String> {
        let snapshot = self.active.load();
        let deciding = [Some(&snapshot.active), snapshot.last_good.as_ref()];
        deciding
            .into_iter()
            .flatten()
            .flat_map(|generation| generation.set.names())
            .find(|name| taken(name))
            .map(str::to_owned)
    }

    /// Keeps and verifies a component. One that is verified already is not
    /// verified again.
    ///
    /// # Errors
    /// If it breaks a law, or too many wait.
    pub async fn upload(&self, bytes: Bytes, actor: &str) -> Result<Upload, UploadError> {
        self.library.upload(bytes, actor).await
    }

    pub(super) fn store(&self) -> &Store {
        &self.library.store
    }
}
