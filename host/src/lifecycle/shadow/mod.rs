//! Shadow: a verified candidate decides live calls beside the active set, off
//! the request path. It writes no rows, and ends at the next activation, when
//! someone ends it, or with the process. Each replica has its own.

mod run;
mod status;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::json;

use run::{About, Run};
pub use status::{Ended, EndedBy, State, Status};

use super::error::Internal;
use super::propose::ProposeError;
use super::service::Lifecycle;
use super::statement::Base;
use crate::policy::shadow::{Sample, Shadow};
use crate::policy::{Generation, PolicySet, Slot};
use crate::record::audit::{self, Event, EventName};
use crate::store::{ChangeId, Digest, now_us};

/// Who ends a shadow that an activation ends, in the audit.
const HOST: &str = "host";

/// The shadow that runs, or ran last, in this process.
#[derive(Default)]
pub(super) struct Latest(Mutex<Option<Arc<Run>>>);

impl Latest {
    fn get(&self) -> Option<Arc<Run>> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn set(&self, run: Arc<Run>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(run);
    }

    fn running(&self) -> Option<Arc<Run>> {
        self.get().filter(|run| run.runs())
    }
}

/// What is to run beside the active set.
#[derive(Clone, Debug)]
pub enum Candidate {
    /// These components in their slots.
    Slots(BTreeMap<Slot, Digest>),
    /// Those of a change.
    Change(ChangeId),
}

/// Why no shadow starts or ends.
#[derive(Debug, thiserror::Error)]
pub enum ShadowError {
    /// One runs.
    #[error("a shadow runs already; end it first with `ainfera plugin shadow stop`")]
    Running,
    /// None runs.
    #[error("no shadow runs here; start one with `ainfera plugin shadow start`")]
    NotRunning,
    /// No such change.
    #[error("there is no change {0}; `GET /admin/v1/changes` lists them")]
    UnknownChange(ChangeId),
    /// Another generation became active meanwhile.
    #[error("another generation became active meanwhile; start the shadow again")]
    Stale,
    /// No set to run.
    #[error(transparent)]
    Candidate(#[from] ProposeError),
    /// Nobody's mistake.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl Lifecycle {
    /// Runs `candidate` beside the active set, on a part of the live calls.
    ///
    /// # Errors
    /// If one runs, or the candidate does not make a set.
    pub async fn start_shadow(
        self: &Arc<Self>,
        candidate: Candidate,
        sample: Sample,
        actor: &str,
    ) -> Result<Status, ShadowError> {
        let slots = match candidate {
            Candidate::Slots(slots) => slots,
            Candidate::Change(id) => {
                let change = self.change(id).await?;
                change.ok_or(ShadowError::UnknownChange(id))?.subject.slots
            }
        };
        let (base, set) = self.resulting(&slots).await?;
        let (this, actor) = (Arc::clone(self), actor.to_owned());
        let act = async move { this.start(slots, base, set, sample, actor).await };
        // A caller that goes away does not stop it between commit and memory.
        tokio::spawn(act).await.map_err(Internal::from)?
    }

    async fn start(
        &self,
        slots: BTreeMap<Slot, Digest>,
        base: Arc<Generation>,
        set: Arc<PolicySet>,
        sample: Sample,
        actor: String,
    ) -> Result<Status, ShadowError> {
        let _turn = self.turn.lock().await;
        if self.shadow.running().is_some() {
            return Err(ShadowError::Running);
        }
        if self.active.load().active.number != base.number {
            return Err(ShadowError::Stale);
        }
        let data = json!({"actor": actor, "base": base.number, "digests": set.digests(), "sample": sample.get().to_string(), "slots": slots});
        let about = About {
            base: Base {
                digests: base.set.digests(),
                generation: base.number,
            },
            result: set.digests(),
            sample,
            started_us: now_us(),
            actor,
        };
        let (shadow, calls) = Shadow::new(sample);
        let sets = (Arc::clone(&base.set), set);
        let run =
            Run::start(about, Arc::clone(shadow.counts()), calls, sets).map_err(Internal::from)?;
        self.audit(EventName::ShadowStarted, data).await?;
        self.shadow.set(Arc::clone(&run));
        self.active.set_shadow(Some(Arc::new(shadow)));
        let status = run.status();
        tracing::info!(base = base.number, actor = status.actor, "shadow_started");
        Ok(status)
    }

    /// The shadow that runs, or ran last since the start.
    #[must_use]
    pub fn shadow(&self) -> Option<Status> {
        self.shadow.get().map(|run| run.status())
    }

    /// Ends the shadow. Calls that wait are still decided.
    ///
    /// # Errors
    /// If none runs.
    pub async fn stop_shadow(self: &Arc<Self>, actor: &str) -> Result<Status, ShadowError> {
        let (this, actor) = (Arc::clone(self), actor.to_owned());
        let act = async move {
            let _turn = this.turn.lock().await;
            let run = this.shadow.running().ok_or(ShadowError::NotRunning)?;
            let data = ended(&run, EndedBy::Request, &actor);
            this.audit(EventName::ShadowEnded, data).await?;
            this.active.set_shadow(None);
            run.end(EndedBy::Request);
            tracing::info!(actor, "shadow_ended");
            Ok(run.status())
        };
        tokio::spawn(act).await.map_err(Internal::from)?
    }

    /// After an activation, which told no more calls to it: the shadow that
    /// ran is over. The caller has the turn.
    pub(super) async fn end_shadow(&self) {
        let Some(run) = self.shadow.running() else {
            return;
        };
        run.end(EndedBy::Activation);
        let data = ended(&run, EndedBy::Activation, HOST);
        if let Err(error) = self.audit(EventName::ShadowEnded, data).await {
            tracing::error!(%error, "shadow_end_not_audited");
        }
    }

    async fn audit(&self, name: EventName, data: serde_json::Value) -> Result<(), Internal> {
        let mut tx = self.store().begin().await?;
        audit::append(&mut tx, &Event::new(name, data)).await?;
        Ok(tx.commit().await?)
    }
}

/// What the audit says of an end.
fn ended(run: &Run, by: EndedBy, actor: &str) -> serde_json::Value {
    let status = run.status();
    json!({"actor": actor, "base": status.base.generation, "by": by, "changed": status.tally.changed, "decided": status.tally.decisions, "digests": status.result, "seen": status.seen, "skipped": status.skipped})
}
