//! Gates: booleans outside of plugins, read at call time.

use std::sync::Arc;

use serde_json::json;

use super::error::Internal;
use super::service::Lifecycle;
use crate::policy::Gates;
use crate::record::audit::{self, Event, EventName};
use crate::store::gates::{self, Gate};
use crate::store::{Store, now_us};

/// The gate that lets a preference move the floor.
pub const ROUTING_PREFERENCE_LIVE: &str = "routing_preference_live";

/// The variable that sets it.
pub const VARIABLE: &str = "AINFERA_ROUTING_PREFERENCE_LIVE";

/// Why a gate was not set.
#[derive(Debug, thiserror::Error)]
pub enum GateError {
    /// No such gate.
    #[error("there is no gate `{0}`; the gates are: {ROUTING_PREFERENCE_LIVE}")]
    Unknown(String),
    /// The operator keeps it closed.
    #[error("the gate is kept closed by {VARIABLE}=0; start the gateway without it")]
    Held,
    /// Nobody's mistake.
    #[error(transparent)]
    Internal(#[from] Internal),
}

/// What the operator's variable asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// As it is stored.
    None,
    /// Open, unless it was ever set otherwise.
    OpenFirst,
    /// Closed, whatever is stored.
    Held,
}

/// A value that is none.
#[derive(Debug, thiserror::Error)]
#[error(
    "{VARIABLE} is `{0}`; set it to 1 (open at first start) or 0 (keep closed), or leave it out"
)]
pub struct BadWish(String);

impl Wish {
    pub(super) fn read(value: Option<&str>) -> Result<Self, BadWish> {
        match value {
            None => Ok(Self::None),
            Some("1") => Ok(Self::OpenFirst),
            Some("0") => Ok(Self::Held),
            Some(other) => Err(BadWish(
                other
                    .chars()
                    .take(64)
                    .flat_map(char::escape_debug)
                    .collect(),
            )),
        }
    }

    /// The gates at start.
    pub(super) async fn gates(self, store: &Store) -> Result<Gates, Internal> {
        match self {
            Self::Held => return Ok(Gates::default()),
            Self::OpenFirst if preference_live(store).await?.is_none() => {
                set(store, true, VARIABLE).await?;
            }
            Self::OpenFirst | Self::None => {}
        }
        stored(store).await
    }
}

/// The gates as they are stored; one that was never set is closed.
pub(super) async fn stored(store: &Store) -> Result<Gates, Internal> {
    let routing_preference_live = preference_live(store).await?.unwrap_or(false);
    Ok(Gates {
        routing_preference_live,
    })
}

/// Whether the gate is open, where it was ever set.
async fn preference_live(store: &Store) -> Result<Option<bool>, Internal> {
    let gates = gates::list(store).await?;
    let stored = gates
        .into_iter()
        .find(|gate| gate.name == ROUTING_PREFERENCE_LIVE);
    Ok(stored.map(|gate| gate.open))
}

async fn set(store: &Store, open: bool, actor: &str) -> Result<bool, Internal> {
    let gate = Gate {
        name: ROUTING_PREFERENCE_LIVE.to_owned(),
        open,
        changed_us: now_us(),
        actor: actor.to_owned(),
    };
    let mut tx = store.begin().await?;
    let changed = gates::set(&mut tx, &gate).await?;
    if changed {
        let data = json!({"actor": actor, "gate": gate.name, "open": open});
        audit::append(&mut tx, &Event::new(EventName::GateChanged, data)).await?;
        tx.commit().await?;
    }
    Ok(changed)
}

impl Lifecycle {
    /// Opens or closes a gate. False if it was so already.
    ///
    /// # Errors
    /// If there is no such gate, or the operator keeps it closed.
    pub async fn set_gate(
        self: &Arc<Self>,
        name: &str,
        open: bool,
        actor: &str,
    ) -> Result<bool, GateError> {
        if name != ROUTING_PREFERENCE_LIVE {
            return Err(GateError::Unknown(name.chars().take(64).collect()));
        }
        if open && self.gate_held {
            return Err(GateError::Held);
        }
        let (this, actor) = (Arc::clone(self), actor.to_owned());
        let act = async move {
            let _turn = this.turn.lock().await;
            let changed = set(this.store(), open, &actor).await?;
            this.active.set_gates(Gates {
                routing_preference_live: open,
            });
            if changed {
                tracing::info!(open, actor, "gate_changed");
            }
            Ok(changed)
        };
        // A caller that goes away does not stop it between commit and memory.
        tokio::spawn(act).await.map_err(Internal::from)?
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn other_values_are_refused() {
        assert_eq!(Wish::read(None).unwrap(), Wish::None);
        assert_eq!(Wish::read(Some("1")).unwrap(), Wish::OpenFirst);
        assert_eq!(Wish::read(Some("0")).unwrap(), Wish::Held);
        for value in ["", "true", "01", " 1", "yes"] {
            assert!(Wish::read(Some(value)).is_err(), "{value:?}");
        }
    }
}
