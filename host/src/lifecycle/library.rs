//! Uploaded components: kept, verified, judged.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::json;
use tokio::sync::Semaphore;

use super::background;
use super::error::Internal;
use super::resident::Resident;
use super::verify::{Rejected, Verified, verify};
use crate::policy::set::Digests;
use crate::policy::settings::FINGERPRINT;
use crate::policy::{Component, PolicyEngine, PolicySet};
use crate::record::audit::{self, Event, EventName};
use crate::store::components::{self, ComponentState, Verdict};
use crate::store::{Digest, Store, StoreError, now_us};

/// Components and sets that stay compiled in memory.
const RESIDENT_COMPONENTS: usize = 16;
const RESIDENT_SETS: usize = 8;

/// Verifications that may wait for their turn; more are refused.
const WAITING: usize = 8;

/// Tells whether the catalog has a model of this name.
pub type IsModel = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// The components of the store, and the compiled ones in memory.
pub(super) struct Library {
    pub(super) engine: PolicyEngine,
    pub(super) store: Store,
    pub(super) is_model: IsModel,
    pub(super) components: Resident<Digest, Component>,
    pub(super) sets: Resident<Digests, PolicySet>,
    /// Who verifies or waits to.
    queue: Semaphore,
    /// Who verifies: one at a time, so that requests keep the other cores.
    pub(super) verifier: Arc<Semaphore>,
}

/// A component that is verified and stored.
#[derive(Debug)]
pub struct Upload {
    /// What the store has of it.
    pub component: components::Component,
    /// Whether it was verified before this upload.
    pub known: bool,
}

/// Why an upload did not become a verified component.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// Too many are being verified.
    #[error("too many components wait to be verified; try again in a few seconds")]
    Busy,
    /// It breaks a law.
    #[error(transparent)]
    Rejected(#[from] Rejected),
    /// Nobody's mistake.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl Library {
    pub(super) fn new(engine: PolicyEngine, store: Store, is_model: IsModel) -> Self {
        Self {
            engine,
            store,
            is_model,
            components: Resident::new(RESIDENT_COMPONENTS),
            sets: Resident::new(RESIDENT_SETS),
            queue: Semaphore::new(1 + WAITING),
            verifier: Arc::new(Semaphore::new(1)),
        }
    }

    /// Keeps and verifies `bytes`; one that is verified already stays so.
    pub(super) async fn upload(&self, bytes: Bytes, actor: &str) -> Result<Upload, UploadError> {
        if let Some(component) = self.verified(Digest::of(&bytes)).await? {
            return Ok(Upload {
                component,
                known: true,
            });
        }
        // Refuse before anything is written.
        let _place = self.queue.try_acquire().map_err(|_| UploadError::Busy)?;
        let component = self.admit(bytes, actor).await??;
        Ok(Upload {
            component,
            known: false,
        })
    }

    /// Keeps and verifies `bytes`.
    pub(super) async fn admit(
        &self,
        bytes: Bytes,
        actor: &str,
    ) -> Result<Result<components::Component, Rejected>, Internal> {
        let digest = Digest::of(&bytes);
        self.keep(digest, &bytes, actor).await?;
        let found = self.verify(bytes).await?;
        self.judge(digest, &found, actor).await?;
        let verified = match found {
            Ok(verified) => verified,
            Err(rejected) => return Ok(Err(rejected)),
        };
        self.components.put(digest, &verified.component);
        let component = self
            .verified(digest)
            .await?
            .ok_or(StoreError::Missing { what: "component" })?;
        Ok(Ok(component))
    }

    /// The stored component, if it was verified on this engine.
    pub(super) async fn verified(
        &self,
        digest: Digest,
    ) -> Result<Option<components::Component>, Internal> {
        let component = components::get(&self.store, digest).await?;
        Ok(component.filter(|component| {
            component.state == ComponentState::Verified
                && component.fingerprint.as_deref() == Some(FINGERPRINT)
        }))
    }

    async fn keep(&self, digest: Digest, bytes: &[u8], actor: &str) -> Result<(), Internal> {
        let mut tx = self.store.begin().await?;
        if components::insert(&mut tx, digest, bytes, now_us(), actor).await? {
            let data = json!({"actor": actor, "digest": digest, "size": bytes.len()});
            audit::append(&mut tx, &Event::new(EventName::PluginUploaded, data)).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Verifies off the runtime's threads, when it is its turn.
    pub(super) async fn verify(
        &self,
        bytes: Bytes,
    ) -> Result<Result<Verified, Rejected>, Internal> {
        let turn = Arc::clone(&self.verifier).acquire_owned().await;
        let (engine, is_model) = (self.engine.clone(), Arc::clone(&self.is_model));
        // The turn goes along: it lasts as long as the work, even if the caller leaves.
        let work = move || {
            let _turn = turn;
            let found = verify(&engine, &bytes, &*is_model);
            if let Ok(verified) = &found {
                verified.component.keep_code();
            }
            found
        };
        match background::run(work).await? {
            Err(rejected) if rejected.undecided() => Err(Internal::Compiler(rejected.to_string())),
            found => Ok(found),
        }
    }

    /// Records what a verification found.
    pub(super) async fn judge(
        &self,
        digest: Digest,
        found: &Result<Verified, Rejected>,
        actor: &str,
    ) -> Result<(), Internal> {
        let (verdict, event, data) = match found {
            Ok(Verified { report, .. }) => {
                let findings = &report.findings;
                let verdict = Verdict {
                    state: ComponentState::Verified,
                    slot: Some(findings.slot.to_string()),
                    report: serde_json_canonicalizer::to_string(report)?,
                    fuel_budget: i64::try_from(findings.fuel_budget).ok(),
                    fingerprint: Some(findings.fingerprint.to_owned()),
                };
                let data = json!({"actor": actor, "digest": digest, "fingerprint": findings.fingerprint, "fuel_budget": findings.fuel_budget, "slot": findings.slot});
                (verdict, EventName::PluginVerified, data)
            }
            Err(rejected) => {
                let verdict = Verdict {
                    state: ComponentState::Rejected,
                    slot: rejected.slot.map(|slot| slot.to_string()),
                    report: serde_json_canonicalizer::to_string(rejected)?,
                    fuel_budget: None,
                    fingerprint: Some(rejected.fingerprint.to_owned()),
                };
                let data = json!({"actor": actor, "digest": digest, "fingerprint": rejected.fingerprint, "reasons": rejected.reasons});
                (verdict, EventName::PluginRejected, data)
            }
        };
        let mut tx = self.store.begin().await?;
        components::judge(&mut tx, digest, &verdict).await?;
        audit::append(&mut tx, &Event::new(event, data)).await?;
        tx.commit().await?;
        Ok(())
    }
}
