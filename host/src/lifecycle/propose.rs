//! Proposing a change: other components for some slots of the active set.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;

use super::background;
use super::error::Internal;
use super::load::LoadedError;
use super::replay::{Window, replay};
use super::report::{Report, Timings};
use super::service::Lifecycle;
use super::statement::Subject;
use crate::policy::settings::FINGERPRINT;
use crate::policy::{Generation, PolicySet, Slot};
use crate::record::audit::{self, Event, EventName};
use crate::store::changes::{self, Change, ChangeState};
use crate::store::{ChangeId, Digest, StoreError, now_us};

/// A change, and what it would change.
#[derive(Clone, Debug)]
pub struct Proposed {
    /// What a founder would sign.
    pub subject: Subject,
    /// What it would change.
    pub report: Report,
    /// What finding that out took; earlier versions did not keep it.
    pub timings: Option<Timings>,
    /// How far it has come.
    pub state: ChangeState,
    /// Microseconds since the Unix epoch.
    pub proposed_us: i64,
    /// Who proposed it.
    pub actor: String,
}

/// Why there is no change.
#[derive(Debug, thiserror::Error)]
pub enum ProposeError {
    /// No slot.
    #[error("the change names no slot; give {{\"slots\": {{\"preference-dial\": \"<digest>\"}}}}")]
    Empty,
    /// A component of another slot.
    #[error("component {digest} fills slot {is}, not {named}; name slot {is}")]
    WrongSlot {
        /// Which component.
        digest: Digest,
        /// Its slot.
        is: Slot,
        /// The slot that it was to fill.
        named: Slot,
    },
    /// The active set is that already.
    #[error("the active set has these components already; there is nothing to change")]
    Unchanged,
    /// A set that may not become active again.
    #[error(
        "this set of components was active before and is revoked; a founder restores it with `DELETE /admin/v1/policy/generations/{{generation}}/revocation`"
    )]
    Revoked,
    /// The catalog has got a name since.
    #[error(
        "the resolver lists `{0}`, which is a model of the catalog by now and always called outright; upload one without it"
    )]
    CatalogName(String),
    /// A component that cannot be used.
    #[error(transparent)]
    Loaded(#[from] LoadedError),
    /// Nobody's mistake.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl Lifecycle {
    /// Proposes to fill `slots` anew. The decisions of `window` are decided
    /// again for the report.
    ///
    /// # Errors
    /// If a component is not verified or does not fit, or nothing would change.
    pub async fn propose(
        &self,
        slots: BTreeMap<Slot, Digest>,
        window: &Window,
        actor: &str,
    ) -> Result<Proposed, ProposeError> {
        let (base, set) = self.resulting(&slots).await?;
        let started = Instant::now();
        let replay = replay(self.store(), window, &base.set, &set).await?;
        let replayed = Instant::now();
        let report = background::run(move || Report::new(&base, &set, replay)).await?;
        let timings = Timings {
            sets_us: us(replayed.elapsed()),
            replay_us: us(replayed - started),
        };
        Ok(self.keep(slots, report, timings, actor).await?)
    }

    /// The active generation, and the set that it would become with `slots`.
    ///
    /// # Errors
    /// If a component is not verified or does not fit, or nothing would change.
    pub async fn resulting(
        &self,
        slots: &BTreeMap<Slot, Digest>,
    ) -> Result<(Arc<Generation>, Arc<PolicySet>), ProposeError> {
        if slots.is_empty() {
            return Err(ProposeError::Empty);
        }
        let base = Arc::clone(&self.active.load().active);
        let mut digests = base.set.digests();
        for (&named, &digest) in slots {
            let is = self.library.component(digest).await?.slot();
            if is != named {
                return Err(ProposeError::WrongSlot { digest, is, named });
            }
            digests = digests.with(named, digest);
        }
        if digests == base.set.digests() {
            return Err(ProposeError::Unchanged);
        }
        let set = self.library.set(digests).await?;
        if let Some(name) = self.library.model_of(&set) {
            return Err(ProposeError::CatalogName(name));
        }
        if self.revoked(digests).await? {
            return Err(ProposeError::Revoked);
        }
        Ok((base, set))
    }

    async fn keep(
        &self,
        slots: BTreeMap<Slot, Digest>,
        report: Report,
        timings: Timings,
        actor: &str,
    ) -> Result<Proposed, Internal> {
        let (text, report_hash) = report.canonical()?;
        let change = Change {
            id: ChangeId::random()?,
            base_generation: report.base.generation,
            slots: serde_json_canonicalizer::to_string(&slots)?,
            report: text,
            report_hash,
            timings: Some(serde_json::to_string(&timings)?),
            proposed_us: now_us(),
            actor: actor.to_owned(),
            state: ChangeState::Proposed,
        };
        let mut tx = self.store().begin().await?;
        changes::insert(&mut tx, &change).await?;
        let data = json!({"actor": actor, "base": change.base_generation, "change": change.id, "report_sha256": report_hash, "slots": slots});
        audit::append(&mut tx, &Event::new(EventName::ChangeProposed, data)).await?;
        tx.commit().await?;
        read(change)
    }

    /// The change of this id.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn change(&self, id: ChangeId) -> Result<Option<Proposed>, Internal> {
        changes::get(self.store(), id).await?.map(read).transpose()
    }

    /// At most `limit` changes before `before`, the latest first.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn changes(
        &self,
        before: Option<ChangeId>,
        limit: u32,
    ) -> Result<Vec<Proposed>, Internal> {
        changes::page(self.store(), before, limit)
            .await?
            .into_iter()
            .map(read)
            .collect()
    }
}

fn read(change: Change) -> Result<Proposed, Internal> {
    let unreadable = |error: serde_json::Error| StoreError::Unreadable {
        what: "change",
        why: error.to_string(),
    };
    let report: Report = serde_json::from_str(&change.report).map_err(unreadable)?;
    let subject = Subject {
        base: report.base.clone(),
        change: change.id,
        fingerprint: FINGERPRINT.to_owned(),
        report_sha256: change.report_hash,
        result: report.result,
        slots: serde_json::from_str(&change.slots).map_err(unreadable)?,
    };
    Ok(Proposed {
        subject,
        report,
        timings: change
            .timings
            .map(|timings| serde_json::from_str(&timings).map_err(unreadable))
            .transpose()?,
        state: change.state,
        proposed_us: change.proposed_us,
        actor: change.actor,
    })
}

fn us(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
