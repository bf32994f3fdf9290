//! Activation: one commit, then one pointer store.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::error::Internal;
use super::service::Lifecycle;
use super::{founders, history};
use crate::policy::set::Digests;
use crate::policy::{Generation, PolicySet};
use crate::record::audit::{self, Event, EventName};
use crate::store::generations::{self, GenerationKind};
use crate::store::{ChangeId, Store, StoreError, Tx, changes, now_us, revocations};

/// A generation that became the active one.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Activated {
    /// Its number.
    pub generation: i64,
    /// The one that it replaced.
    pub base: i64,
    /// What it is made of.
    pub digests: Digests,
    /// Microseconds since the Unix epoch.
    pub activated_us: i64,
    /// From the beginning of the commit until requests were decided by it, in
    /// microseconds.
    pub took_us: i64,
}

/// On whose word a set is activated.
pub(super) enum Word {
    /// The first set of all.
    BuiltIn,
    /// The founders', who signed this change with these keys.
    Founders {
        change: ChangeId,
        keys: BTreeSet<String>,
    },
    /// Someone's, back to an earlier generation; with the faults that led to
    /// it where the host does so by itself.
    Back {
        to: i64,
        actor: String,
        faults: Option<u64>,
    },
}

/// Why nothing was activated.
#[derive(Debug, thiserror::Error)]
pub(super) enum ActivateError {
    #[error("stale: generation {actual} is active, not {expected}")]
    Stale { expected: i64, actual: i64 },
    #[error("the set is revoked")]
    Revoked,
    #[error("the catalog names `{0}`")]
    CatalogName(String),
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl Word {
    fn kind(&self) -> GenerationKind {
        match self {
            Self::BuiltIn => GenerationKind::BuiltIn,
            Self::Founders { .. } => GenerationKind::Authorized,
            Self::Back { .. } => GenerationKind::RolledBack,
        }
    }

    fn actor(&self) -> String {
        match self {
            Self::BuiltIn => super::builtin::ACTOR.to_owned(),
            Self::Founders { keys, .. } => founders::actor(keys),
            Self::Back { actor, .. } => actor.clone(),
        }
    }

    fn change(&self) -> Option<ChangeId> {
        match self {
            Self::Founders { change, .. } => Some(*change),
            Self::BuiltIn | Self::Back { .. } => None,
        }
    }

    fn events(&self, generation: i64, base: i64, digests: Digests) -> Vec<(EventName, Value)> {
        let actor = self.actor();
        match self {
            Self::BuiltIn => vec![(
                EventName::PolicyActivated,
                json!({"actor": actor, "digests": digests, "generation": generation}),
            )],
            Self::Founders { change, .. } => vec![(
                EventName::PolicyActivated,
                json!({"actor": actor, "base": base, "change": change, "digests": digests, "generation": generation}),
            )],
            Self::Back { to, faults, .. } => {
                let faulted = faults.map(|faults| {
                    (
                        EventName::PolicyFaulted,
                        json!({"faults": faults, "generation": base}),
                    )
                });
                let back = json!({"actor": actor, "base": base, "digests": digests, "generation": generation, "to": to});
                faulted
                    .into_iter()
                    .chain([(EventName::PolicyRolledBack, back)])
                    .collect()
            }
        }
    }
}

/// An activation that is written.
#[derive(Clone, Copy)]
pub(super) struct Written {
    /// The new number.
    pub(super) generation: i64,
    /// The one before.
    pub(super) base: i64,
    /// When.
    pub(super) at_us: i64,
}

/// Writes the activation of `digests` after `base`.
pub(super) async fn write(
    tx: &mut Tx,
    base: i64,
    digests: Digests,
    word: &Word,
) -> Result<Written, ActivateError> {
    let (at_us, actor, stored) = (now_us(), word.actor(), history::stored(digests));
    let revoked = revocations::holds(tx, &stored)
        .await
        .map_err(Internal::from)?;
    // The reference set is the last resort.
    if revoked && !matches!(word, Word::BuiltIn) {
        return Err(ActivateError::Revoked);
    }
    let (kind, change) = (word.kind(), word.change());
    let generation = generations::activate(tx, base, &stored, kind, change, at_us, &actor)
        .await
        .map_err(|error| match error {
            StoreError::Stale {
                expected, actual, ..
            } => ActivateError::Stale { expected, actual },
            other => Internal::Store(other).into(),
        })?;
    changes::settle(tx, change).await.map_err(Internal::from)?;
    for (name, data) in word.events(generation, base, digests) {
        audit::append(tx, &Event::new(name, data))
            .await
            .map_err(Internal::from)?;
    }
    Ok(Written {
        generation,
        base,
        at_us,
    })
}

/// The same as a commit of its own.
pub(super) async fn commit(
    store: &Store,
    base: i64,
    digests: Digests,
    word: &Word,
) -> Result<Written, ActivateError> {
    let mut tx = store.begin().await.map_err(Internal::from)?;
    let written = write(&mut tx, base, digests, word).await?;
    tx.commit().await.map_err(Internal::from)?;
    Ok(written)
}

impl Lifecycle {
    /// Rolls back to `set` after `base`. A caller that goes away does not stop it
    /// halfway: memory follows the commit, always.
    pub(super) async fn go_back(
        self: &Arc<Self>,
        base: i64,
        set: Arc<PolicySet>,
        word: Word,
    ) -> Result<Activated, ActivateError> {
        let this = Arc::clone(self);
        let act = async move {
            let _turn = this.turn.lock().await;
            this.free_of_models(&set)?;
            let started = now_us();
            let written = commit(this.store(), base, set.digests(), &word).await?;
            let next = Arc::new(Generation::new(written.generation, set));
            let last_good = this.library.last_good(&next).await;
            this.active.roll_back(Arc::clone(&next), last_good);
            let activated = said(&next, written, started, &word);
            this.end_shadow().await;
            Ok(activated)
        };
        tokio::spawn(act).await.map_err(Internal::from)?
    }

    /// Puts into force what is written and committed. The caller has the turn.
    pub(super) async fn put_into_force(
        &self,
        set: Arc<PolicySet>,
        written: Written,
        started_us: i64,
        word: &Word,
    ) -> Activated {
        let next = Arc::new(Generation::new(written.generation, set));
        self.active.activate(Arc::clone(&next));
        let activated = said(&next, written, started_us, word);
        self.end_shadow().await;
        activated
    }

    /// Whether `set` routes no name that the catalog has. The caller has the
    /// turn, so that it stays so.
    pub(super) fn free_of_models(&self, set: &PolicySet) -> Result<(), ActivateError> {
        match self.library.model_of(set) {
            Some(name) => Err(ActivateError::CatalogName(name)),
            None => Ok(()),
        }
    }
}

fn said(next: &Generation, written: Written, started_us: i64, word: &Word) -> Activated {
    let Written {
        generation,
        base,
        at_us,
    } = written;
    let actor = word.actor();
    tracing::info!(generation, base, actor, "policy_activated");
    Activated {
        generation,
        base,
        digests: next.set.digests(),
        activated_us: at_us,
        took_us: now_us() - started_us,
    }
}
