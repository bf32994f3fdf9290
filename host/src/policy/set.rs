//! A policy set: one component for each slot, its answers checked natively.
//!
//! Nothing that a component says is believed: every answer goes through
//! [`checks`].

use std::sync::Arc;

use jiff::civil::Date;

use super::checks::{self, Names};
use super::component::Component;
use super::decision::{Classified, Dialled};
use super::levers::{ClampLevers, Declared, DialLevers, LeverError};
use super::memo::Memo;
use super::sandbox::Fault;
use super::slot::Slot;
use super::value::{Floor, to_wit};
use crate::store::Digest;

/// The longest model name, in bytes, that reaches a component.
pub const MAX_NAME: usize = 256;
/// The longest preference, in bytes, that reaches a component.
pub const MAX_PREFERENCE: usize = 64;

/// Why three components are no policy set.
#[derive(Debug, thiserror::Error)]
pub enum SetError {
    /// A component fills another slot.
    #[error("{component} is meant for slot {slot}, but fills another")]
    WrongSlot {
        /// The place it was put in.
        slot: Slot,
        /// The component.
        component: String,
    },
    /// A component faulted while it was asked what it is.
    #[error("{slot}: {fault}")]
    Fault {
        /// Whose.
        slot: Slot,
        /// What happened.
        fault: Fault,
    },
    /// Its levers cannot be taken.
    #[error("{slot}: {error}")]
    Levers {
        /// Whose.
        slot: Slot,
        /// What is wrong.
        error: LeverError,
    },
}

/// The digests of a set, one for each slot.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "kebab-case")]
pub struct Digests {
    /// The resolver's.
    pub alias_resolver: Digest,
    /// The dial's.
    pub preference_dial: Digest,
    /// The clamp's.
    pub floor_clamp: Digest,
}

impl Digests {
    /// The one in `slot`.
    #[must_use]
    pub fn get(&self, slot: Slot) -> Digest {
        match slot {
            Slot::AliasResolver => self.alias_resolver,
            Slot::PreferenceDial => self.preference_dial,
            Slot::FloorClamp => self.floor_clamp,
        }
    }

    /// The same with another one in `slot`.
    #[must_use]
    pub fn with(mut self, slot: Slot, digest: Digest) -> Self {
        match slot {
            Slot::AliasResolver => self.alias_resolver = digest,
            Slot::PreferenceDial => self.preference_dial = digest,
            Slot::FloorClamp => self.floor_clamp = digest,
        }
        self
    }
}

/// One component for each slot, ready to decide. Shared by many requests.
pub struct PolicySet {
    resolver: Arc<Component>,
    dial: Arc<Component>,
    clamp: Arc<Component>,
    names: Names,
    dial_levers: DialLevers,
    declared: [Declared; 3],
    memo: Memo,
}

impl PolicySet {
    /// Puts three components together, asking each once what it is.
    ///
    /// # Errors
    /// If one fills another slot, faults, or declares no usable levers.
    pub fn new(
        resolver: Arc<Component>,
        dial: Arc<Component>,
        clamp: Arc<Component>,
    ) -> Result<Self, SetError> {
        let declared = [
            declare(&resolver, Slot::AliasResolver)?,
            declare(&dial, Slot::PreferenceDial)?,
            declare(&clamp, Slot::FloorClamp)?,
        ];
        let [_, of_dial, of_clamp] = &declared;
        let dial_levers = DialLevers::of(of_dial).map_err(|error| SetError::Levers {
            slot: Slot::PreferenceDial,
            error,
        })?;
        ClampLevers::of(of_clamp).map_err(|error| SetError::Levers {
            slot: Slot::FloorClamp,
            error,
        })?;
        let (listing, _) = resolver.listing().map_err(|fault| SetError::Fault {
            slot: Slot::AliasResolver,
            fault,
        })?;
        Ok(Self {
            resolver,
            dial,
            clamp,
            names: Names {
                targets: listing.targets.into_iter().collect(),
                aliases: listing.aliases.into_iter().collect(),
            },
            dial_levers,
            declared,
            memo: Memo::new(),
        })
    }

    /// The same set with a memory of its own, for work that must not push out
    /// what live calls remember.
    #[must_use]
    pub fn apart(&self) -> Self {
        Self {
            resolver: Arc::clone(&self.resolver),
            dial: Arc::clone(&self.dial),
            clamp: Arc::clone(&self.clamp),
            names: self.names.clone(),
            dial_levers: self.dial_levers,
            declared: self.declared.clone(),
            memo: Memo::new(),
        }
    }

    /// The digests of its components.
    #[must_use]
    pub fn digests(&self) -> Digests {
        Digests {
            alias_resolver: self.resolver.digest(),
            preference_dial: self.dial.digest(),
            floor_clamp: self.clamp.digest(),
        }
    }

    /// The component in `slot`.
    #[must_use]
    pub fn component(&self, slot: Slot) -> &Arc<Component> {
        match slot {
            Slot::AliasResolver => &self.resolver,
            Slot::PreferenceDial => &self.dial,
            Slot::FloorClamp => &self.clamp,
        }
    }

    /// What the component in `slot` says of itself.
    #[must_use]
    pub fn declared(&self, slot: Slot) -> &Declared {
        let [resolver, dial, clamp] = &self.declared;
        match slot {
            Slot::AliasResolver => resolver,
            Slot::PreferenceDial => dial,
            Slot::FloorClamp => clamp,
        }
    }

    /// All names that it routes: targets, then aliases.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names
            .targets
            .iter()
            .chain(&self.names.aliases)
            .map(String::as_str)
    }

    /// The canonical targets.
    pub fn targets(&self) -> impl Iterator<Item = &str> {
        self.names.targets.iter().map(String::as_str)
    }

    /// Whether it routes `name`.
    #[must_use]
    pub fn lists(&self, name: &str) -> bool {
        self.names.targets.contains(name) || self.names.aliases.contains(name)
    }

    /// What `model` is on the day `today`, from memory or a fresh sandbox.
    ///
    /// # Errors
    /// If the resolver faults or breaks a rule.
    pub fn classify(&self, model: &str, today: Date) -> Result<Arc<Classified>, Fault> {
        if model.len() > MAX_NAME {
            return Ok(Arc::new(Classified::Unknown));
        }
        self.memo.name(model, today, || {
            let (resolution, _) = self.resolver.resolve(model, today)?;
            checks::resolution(&self.names, model, today, resolution)
        })
    }

    /// The floor for `preference` at `base`, from memory or fresh sandboxes.
    /// `live` is the gate.
    ///
    /// # Errors
    /// If the dial or the clamp faults or breaks a rule.
    pub fn floor(
        &self,
        preference: Option<&str>,
        base: Floor,
        live: bool,
    ) -> Result<Dialled, Fault> {
        let preference = preference.filter(|text| text.len() <= MAX_PREFERENCE);
        self.memo.floor(preference, base, live, || {
            let (answer, _) = self.dial.apply(preference, base.into(), live)?;
            let dialled = checks::dial(self.dial_levers, preference, base, live, answer)?;
            if dialled == base.get() {
                return Ok(Dialled {
                    dialled: base.get(),
                    floor: base,
                });
            }
            let crossing = to_wit(dialled)
                .ok_or_else(|| checks::broken("the dialled floor has too many digits"))?;
            let (answer, _) = self.clamp.clamp(base.into(), crossing)?;
            Ok(Dialled {
                dialled,
                floor: checks::clamp(base, dialled, answer)?,
            })
        })
    }
}

fn declare(component: &Component, slot: Slot) -> Result<Declared, SetError> {
    if component.slot() != slot {
        return Err(SetError::WrongSlot {
            slot,
            component: format!("{component:?}"),
        });
    }
    let (description, _) = component
        .describe()
        .map_err(|fault| SetError::Fault { slot, fault })?;
    Declared::read(description).map_err(|error| SetError::Levers { slot, error })
}
