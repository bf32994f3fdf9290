//! What decides now: the active generation, the gates, and the set that
//! answers for it when it faults.
//!
//! A request calls [`Active::deciding`] once and carries the result through,
//! its record included, so a record can never name a set that did not decide.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use arc_swap::ArcSwap;
use jiff::civil::Date;
use serde::Deserialize;
use tokio::sync::mpsc;

use super::decision::{Classified, Dialled};
use super::faults::{FaultLog, Verdict};
use super::sandbox::Fault;
use super::set::PolicySet;
use super::shadow::Shadow;
use super::value::Floor;

/// One activation of a policy set.
pub struct Generation {
    /// Its number: 1, 2, 3, … A rollback is a new one.
    pub number: i64,
    /// What decides.
    pub set: Arc<PolicySet>,
    /// Its faults.
    pub faults: FaultLog,
}

impl Generation {
    /// A generation that has not faulted.
    #[must_use]
    pub fn new(number: i64, set: Arc<PolicySet>) -> Self {
        Self {
            number,
            set,
            faults: FaultLog::new(),
        }
    }
}

/// The booleans outside of plugins. Always the current ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Gates {
    /// Whether a preference may move the floor.
    pub routing_preference_live: bool,
}

/// One consistent view of the policy.
pub struct Snapshot {
    /// What decides.
    pub active: Arc<Generation>,
    /// What decides where the active one faults.
    pub last_good: Option<Arc<Generation>>,
    /// The gates.
    pub gates: Gates,
    /// Where calls are told, so that another set decides them too.
    pub shadow: Option<Arc<Shadow>>,
}

/// The current [`Snapshot`]; read without a lock, replaced as one.
pub struct Active {
    snapshot: ArcSwap<Snapshot>,
    watch: Arc<Watch>,
}

/// Who is told of faults.
struct Watch {
    alarm: mpsc::Sender<i64>,
    /// All faults of active sets, by kind.
    faults: [AtomicU64; Fault::KINDS.len()],
}

/// The policy cannot decide this call: the active set faulted, and nothing
/// good is left that classifies the name the same way.
#[derive(Debug, thiserror::Error)]
#[error(
    "the routing policy of generation {generation} failed on this call, and no earlier one can answer for it; retry, or name a model outright"
)]
pub struct Unavailable {
    /// The generation that faulted.
    pub generation: i64,
}

impl Active {
    /// Begins with `snapshot`. A generation that must be rolled back is sent
    /// to `alarm`, once.
    #[must_use]
    pub fn new(snapshot: Snapshot, alarm: mpsc::Sender<i64>) -> Self {
        Self {
            snapshot: ArcSwap::from_pointee(snapshot),
            watch: Arc::new(Watch {
                alarm,
                faults: Default::default(),
            }),
        }
    }

    /// The current view.
    #[must_use]
    pub fn load(&self) -> Arc<Snapshot> {
        self.snapshot.load_full()
    }

    /// Takes the current view to decide one call with.
    #[must_use]
    pub fn deciding(&self) -> Deciding {
        let snapshot = self.load();
        Deciding {
            by: Arc::clone(&snapshot.active),
            snapshot,
            faulted: None,
            watch: Arc::clone(&self.watch),
        }
    }

    /// How often active sets have faulted since the start, by the kind of
    /// fault.
    pub fn faults(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let counts = self.watch.faults.iter();
        let counts = counts.map(|count| count.load(Ordering::Relaxed));
        Fault::KINDS.into_iter().zip(counts)
    }

    /// Makes `next` the active generation. The one before answers for it,
    /// unless it was found to be bad itself.
    pub fn activate(&self, next: Arc<Generation>) {
        self.snapshot.rcu(|now| {
            let last_good = if now.active.faults.raised() {
                now.last_good.clone()
            } else {
                Some(Arc::clone(&now.active))
            };
            Snapshot {
                active: Arc::clone(&next),
                last_good,
                gates: now.gates,
                shadow: None,
            }
        });
    }

    /// Goes back to `next`. What it replaces was found wanting, and answers for
    /// nothing: `last_good` does.
    pub fn roll_back(&self, next: Arc<Generation>, last_good: Option<Arc<Generation>>) {
        self.snapshot.rcu(|now| Snapshot {
            active: Arc::clone(&next),
            last_good: last_good.clone(),
            gates: now.gates,
            shadow: None,
        });
    }

    /// Sets what answers for the active generation where it faults.
    pub fn set_last_good(&self, last_good: Option<Arc<Generation>>) {
        self.snapshot.rcu(|now| Snapshot {
            active: Arc::clone(&now.active),
            last_good: last_good.clone(),
            gates: now.gates,
            shadow: now.shadow.clone(),
        });
    }

    /// Sets the gates.
    pub fn set_gates(&self, gates: Gates) {
        self.snapshot.rcu(|now| Snapshot {
            active: Arc::clone(&now.active),
            last_good: now.last_good.clone(),
            gates,
            shadow: now.shadow.clone(),
        });
    }

    /// Begins or ends a shadow. The next activation ends it too.
    pub fn set_shadow(&self, shadow: Option<Arc<Shadow>>) {
        self.snapshot.rcu(|now| Snapshot {
            active: Arc::clone(&now.active),
            last_good: now.last_good.clone(),
            gates: now.gates,
            shadow: shadow.clone(),
        });
    }
}

/// The policy of one call.
pub struct Deciding {
    snapshot: Arc<Snapshot>,
    by: Arc<Generation>,
    faulted: Option<i64>,
    watch: Arc<Watch>,
}

impl Deciding {
    /// The gates that hold for this call.
    #[must_use]
    pub fn gates(&self) -> Gates {
        self.snapshot.gates
    }

    /// The generation that was active when the call began.
    #[must_use]
    pub fn active(&self) -> &Generation {
        &self.snapshot.active
    }

    /// The generation whose set decides.
    #[must_use]
    pub fn by(&self) -> &Generation {
        &self.by
    }

    /// Where the call is to be told, if a shadow runs.
    #[must_use]
    pub fn shadow(&self) -> Option<&Shadow> {
        self.snapshot.shadow.as_deref()
    }

    /// The generation that faulted on this call.
    #[must_use]
    pub fn faulted(&self) -> Option<i64> {
        self.faulted
    }

    /// Step 1: what `model` is on the day `today`.
    ///
    /// # Errors
    /// If the resolver faults and the last good set cannot answer for it.
    pub fn classify(&mut self, model: &str, today: Date) -> Result<Arc<Classified>, Unavailable> {
        match self.by.set.classify(model, today) {
            Ok(classified) => Ok(classified),
            Err(fault) => {
                let good = self.fall_back(&fault, model)?;
                let classified = good
                    .set
                    .classify(model, today)
                    .map_err(|_| self.unavailable())?;
                // What the active resolver lists is what the name is.
                if good.set.lists(model) != self.snapshot.active.set.lists(model) {
                    return Err(self.unavailable());
                }
                self.by = good;
                Ok(classified)
            }
        }
    }

    /// Steps 2 and 3: the floor for `preference` at `base`, for a call that
    /// [`Self::classify`] answered with `classified`.
    ///
    /// # Errors
    /// If the dial or clamp faults and the last good set cannot answer for it,
    /// or would classify the name differently.
    pub fn floor(
        &mut self,
        preference: Option<&str>,
        base: Floor,
        (model, today, classified): (&str, Date, &Classified),
    ) -> Result<Dialled, Unavailable> {
        let live = self.gates().routing_preference_live;
        match self.by.set.floor(preference, base, live) {
            Ok(dialled) => Ok(dialled),
            // The last good set itself.
            Err(_) if self.faulted.is_some() => Err(self.unavailable()),
            Err(fault) => {
                let good = self.fall_back(&fault, &format!("{preference:?} {base} {live}"))?;
                let same = good
                    .set
                    .classify(model, today)
                    .is_ok_and(|again| *again == *classified);
                if !same {
                    return Err(self.unavailable());
                }
                let dialled = good
                    .set
                    .floor(preference, base, live)
                    .map_err(|_| self.unavailable())?;
                self.by = good;
                Ok(dialled)
            }
        }
    }

    /// Takes note of the active set's fault; gives the set to decide instead.
    fn fall_back(&mut self, fault: &Fault, input: &str) -> Result<Arc<Generation>, Unavailable> {
        let active = &self.snapshot.active;
        self.faulted = Some(active.number);
        tracing::warn!(generation = active.number, %fault, "policy_fault");
        if let Some(count) = self.watch.faults.get(fault.kind()) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        if active.faults.note(fault, input, Instant::now()) == Verdict::RollBack {
            // One slot is kept for each alarm; a full queue means that one waits.
            let _ = self.watch.alarm.try_send(active.number);
        }
        self.snapshot
            .last_good
            .clone()
            .ok_or_else(|| self.unavailable())
    }

    fn unavailable(&self) -> Unavailable {
        Unavailable {
            generation: self.snapshot.active.number,
        }
    }
}
