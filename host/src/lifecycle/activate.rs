//! Activation: one commit, then one pointer store.

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::error::Internal;
use super::history;
use super::service::Lifecycle;
use crate::policy::set::Digests;
use crate::policy::{Generation, PolicySet};
use crate::record::audit::{self, Event, EventName};
use crate::store::authorizations::{self, Authorization};
use crate::store::generations::{self, GenerationKind};
use crate::store::{ChangeId, StoreError, changes, now_us};

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
    /// A founder's.
    Founder(Authorization),
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
    #[error("the nonce has served")]
    NonceUsed,
    #[error("the catalog names `{0}`")]
    CatalogName(String),
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl Word {
    fn kind(&self) -> GenerationKind {
        match self {
            Self::BuiltIn => GenerationKind::BuiltIn,
            Self::Founder(_) => GenerationKind::Authorized,
            Self::Back { .. } => GenerationKind::RolledBack,
        }
    }

    fn actor(&self) -> String {
        match self {
            Self::BuiltIn => super::builtin::ACTOR.to_owned(),
            Self::Founder(authorization) => format!("founder:{}", authorization.key_id),
            Self::Back { actor, .. } => actor.clone(),
        }
    }

    fn change(&self) -> Option<ChangeId> {
        match self {
            Self::Founder(authorization) => Some(authorization.change_id),
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
            Self::Founder(authorization) => {
                let (change, key) = (authorization.change_id, &authorization.key_id);
                vec![
                    (
                        EventName::PolicyAuthorized,
                        json!({"change": change, "key": key, "nonce": authorization.nonce}),
                    ),
                    (
                        EventName::PolicyActivated,
                        json!({"actor": actor, "base": base, "change": change, "digests": digests, "generation": generation}),
                    ),
                ]
            }
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

/// Commits the activation of `digests` after `base`: its number and time.
pub(super) async fn commit(
    store: &crate::store::Store,
    base: i64,
    digests: Digests,
    word: &Word,
) -> Result<(i64, i64), ActivateError> {
    let (at_us, actor) = (now_us(), word.actor());
    let mut tx = store.begin().await.map_err(Internal::from)?;
    let number = generations::activate(
        &mut tx,
        base,
        &history::stored(digests),
        word.kind(),
        word.change(),
        at_us,
        &actor,
    )
    .await
    .map_err(|error| match error {
        StoreError::Stale {
            expected, actual, ..
        } => ActivateError::Stale { expected, actual },
        other => Internal::Store(other).into(),
    })?;
    if let Word::Founder(authorization) = word {
        authorizations::insert(&mut tx, authorization)
            .await
            .map_err(|error| match error {
                StoreError::Duplicate { .. } => ActivateError::NonceUsed,
                other => Internal::Store(other).into(),
            })?;
    }
    changes::settle(&mut tx, word.change())
        .await
        .map_err(Internal::from)?;
    for (name, data) in word.events(number, base, digests) {
        audit::append(&mut tx, &Event::new(name, data))
            .await
            .map_err(Internal::from)?;
    }
    tx.commit().await.map_err(Internal::from)?;
    Ok((number, at_us))
}

impl Lifecycle {
    /// Activates `set` after `base`. A caller that goes away does not stop it
    /// halfway: memory follows the commit, always.
    pub(super) async fn activate(
        self: &Arc<Self>,
        base: i64,
        set: Arc<PolicySet>,
        word: Word,
    ) -> Result<Activated, ActivateError> {
        let this = Arc::clone(self);
        let act = async move {
            let _turn = this.turn.lock().await;
            // The host by itself goes back to a set that answers already.
            let by_host = matches!(
                word,
                Word::Back {
                    faults: Some(_),
                    ..
                }
            );
            if let Some(name) = set.names().find(|name| (this.library.is_model)(name))
                && !by_host
            {
                return Err(ActivateError::CatalogName(name.to_owned()));
            }
            let (digests, started) = (set.digests(), now_us());
            let (generation, activated_us) = commit(this.store(), base, digests, &word).await?;
            let next = Arc::new(Generation::new(generation, set));
            if let Word::Back { .. } = word {
                let last_good = this.library.last_good(&next).await;
                this.active.roll_back(next, last_good);
            } else {
                this.active.activate(next);
            }
            tracing::info!(generation, base, actor = word.actor(), "policy_activated");
            let activated = Activated {
                generation,
                base,
                digests,
                activated_us,
                took_us: now_us() - started,
            };
            this.end_shadow().await;
            Ok(activated)
        };
        tokio::spawn(act).await.map_err(Internal::from)?
    }
}
