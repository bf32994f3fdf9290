//! A compiled component: which slot it fills, what it says of itself, and one
//! fresh evaluation of each of its functions.

use std::fmt;

use jiff::civil::Date;

use super::bindings::alias_resolver::AliasResolverPre;
use super::bindings::floor_clamp::FloorClampPre;
use super::bindings::preference_dial::PreferenceDialPre;
use super::bindings::types;
use super::engine::PolicyEngine;
use super::limits::{Limits, Sandboxed};
use super::load::{LoadError, MAX_BYTES, slot_of};
use super::sandbox::{self, Fault};
use super::slot::Slot;
use crate::store::Digest;

enum Pre {
    Resolver(AliasResolverPre<Sandboxed>),
    Dial(PreferenceDialPre<Sandboxed>),
    Clamp(FloorClampPre<Sandboxed>),
}

/// A compiled component that fills a slot. Nothing of it has run.
pub struct Component {
    engine: PolicyEngine,
    pre: Pre,
    slot: Slot,
    digest: Digest,
    limits: Limits,
}

impl Component {
    /// Compiles `bytes` and finds the slot that they fill.
    ///
    /// Takes milliseconds for a lean guest: never call it on a request path.
    ///
    /// # Errors
    /// If they are not a component that fills exactly one slot and imports nothing.
    pub fn load(engine: &PolicyEngine, bytes: &[u8]) -> Result<Self, LoadError> {
        if bytes.len() > MAX_BYTES {
            return Err(LoadError::TooLarge(bytes.len()));
        }
        match (bytes.get(..4), bytes.get(4..8)) {
            (Some(b"\0asm"), Some([1, 0, 0, 0])) => return Err(LoadError::CoreModule),
            (Some(b"\0asm"), Some(_)) => {}
            _ => return Err(LoadError::NotWasm),
        }
        let component = wasmtime::component::Component::from_binary(&engine.engine, bytes)
            .map_err(|e| LoadError::Invalid(format!("{e:#}")))?;
        let slot = slot_of(engine, &component)?;
        let wrong = |e: wasmtime::Error| LoadError::WrongTypes {
            slot,
            why: format!("{e:#}"),
        };
        let instance = sandbox::linker(engine)
            .instantiate_pre(&component)
            .map_err(wrong)?;
        let pre = match slot {
            Slot::AliasResolver => Pre::Resolver(AliasResolverPre::new(instance).map_err(wrong)?),
            Slot::PreferenceDial => Pre::Dial(PreferenceDialPre::new(instance).map_err(wrong)?),
            Slot::FloorClamp => Pre::Clamp(FloorClampPre::new(instance).map_err(wrong)?),
        };
        Ok(Self {
            engine: engine.clone(),
            pre,
            slot,
            digest: Digest::of(bytes),
            limits: Limits::MOST,
        })
    }

    /// The same component with another fuel budget for each call.
    #[must_use]
    pub fn with_fuel(mut self, fuel: u64) -> Self {
        self.limits.fuel = fuel.min(Limits::MOST.fuel);
        self
    }

    /// The slot that it fills.
    #[must_use]
    pub fn slot(&self) -> Slot {
        self.slot
    }

    /// The SHA-256 of its bytes.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// What it says of itself, and the fuel that saying it took.
    ///
    /// # Errors
    /// If it faults.
    pub fn describe(&self) -> Result<(types::Description, u64), Fault> {
        match &self.pre {
            Pre::Resolver(pre) => {
                self.run(|store| pre.instantiate(&mut *store)?.call_describe(store))
            }
            Pre::Dial(pre) => self.run(|store| pre.instantiate(&mut *store)?.call_describe(store)),
            Pre::Clamp(pre) => self.run(|store| pre.instantiate(&mut *store)?.call_describe(store)),
        }
    }

    /// The resolver's lists, in a fresh sandbox; with the fuel used.
    ///
    /// # Errors
    /// If it faults, or fills another slot.
    pub fn listing(&self) -> Result<(types::Listing, u64), Fault> {
        let Pre::Resolver(pre) = &self.pre else {
            return Err(self.other_slot());
        };
        self.run(|store| pre.instantiate(&mut *store)?.call_listing(store))
    }

    /// The resolver's answer, in a fresh sandbox; with the fuel used.
    ///
    /// # Errors
    /// If it faults, or fills another slot.
    pub fn resolve(&self, model: &str, today: Date) -> Result<(types::Resolution, u64), Fault> {
        let Pre::Resolver(pre) = &self.pre else {
            return Err(self.other_slot());
        };
        let today = to_wit_date(today);
        self.run(|store| {
            pre.instantiate(&mut *store)?
                .call_resolve(store, model, today)
        })
    }

    /// The dial's answer, in a fresh sandbox; with the fuel used.
    ///
    /// # Errors
    /// If it faults, or fills another slot.
    pub fn apply(
        &self,
        preference: Option<&str>,
        base: types::Decimal,
        live: bool,
    ) -> Result<(types::Decimal, u64), Fault> {
        let Pre::Dial(pre) = &self.pre else {
            return Err(self.other_slot());
        };
        self.run(|store| {
            pre.instantiate(&mut *store)?
                .call_apply(store, preference, base, live)
        })
    }

    /// The clamp's answer, in a fresh sandbox; with the fuel used.
    ///
    /// # Errors
    /// If it faults, or fills another slot.
    pub fn clamp(
        &self,
        base: types::Decimal,
        dialled: types::Decimal,
    ) -> Result<(types::Decimal, u64), Fault> {
        let Pre::Clamp(pre) = &self.pre else {
            return Err(self.other_slot());
        };
        self.run(|store| {
            pre.instantiate(&mut *store)?
                .call_clamp(store, base, dialled)
        })
    }

    /// [`Self::resolve`] several times on one instance: state that a guest
    /// keeps between calls shows as answers that differ.
    ///
    /// # Errors
    /// If it faults, or fills another slot.
    pub fn resolve_on_one_instance(
        &self,
        inputs: &[(&str, Date)],
    ) -> Result<Vec<types::Resolution>, Fault> {
        let Pre::Resolver(pre) = &self.pre else {
            return Err(self.other_slot());
        };
        self.run(|store| {
            let guest = pre.instantiate(&mut *store)?;
            let mut ask = |(model, day): &(&str, Date)| {
                guest.call_resolve(&mut *store, model, to_wit_date(*day))
            };
            inputs.iter().map(&mut ask).collect()
        })
        .map(|(answers, _)| answers)
    }

    /// [`Self::apply`] several times on one instance.
    ///
    /// # Errors
    /// If it faults, or fills another slot.
    pub fn apply_on_one_instance(
        &self,
        inputs: &[(Option<&str>, types::Decimal, bool)],
    ) -> Result<Vec<types::Decimal>, Fault> {
        let Pre::Dial(pre) = &self.pre else {
            return Err(self.other_slot());
        };
        self.run(|store| {
            let guest = pre.instantiate(&mut *store)?;
            inputs
                .iter()
                .map(|(preference, base, live)| {
                    guest.call_apply(&mut *store, *preference, *base, *live)
                })
                .collect()
        })
        .map(|(answers, _)| answers)
    }

    /// [`Self::clamp`] several times on one instance.
    ///
    /// # Errors
    /// If it faults, or fills another slot.
    pub fn clamp_on_one_instance(
        &self,
        inputs: &[(types::Decimal, types::Decimal)],
    ) -> Result<Vec<types::Decimal>, Fault> {
        let Pre::Clamp(pre) = &self.pre else {
            return Err(self.other_slot());
        };
        self.run(|store| {
            let guest = pre.instantiate(&mut *store)?;
            inputs
                .iter()
                .map(|(base, dialled)| guest.call_clamp(&mut *store, *base, *dialled))
                .collect()
        })
        .map(|(answers, _)| answers)
    }

    fn run<T>(
        &self,
        call: impl FnOnce(&mut wasmtime::Store<Sandboxed>) -> wasmtime::Result<T>,
    ) -> Result<(T, u64), Fault> {
        let mut store = sandbox::store(&self.engine, self.limits);
        match call(&mut store) {
            Ok(answer) => Ok((answer, sandbox::fuel_used(&store, self.limits))),
            Err(error) => Err(sandbox::fault(&store, self.limits, &error)),
        }
    }

    fn other_slot(&self) -> Fault {
        Fault::Answer(format!("it fills slot {}", self.slot))
    }
}

impl fmt::Debug for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.slot, self.digest)
    }
}

/// A day as it crosses to a guest.
fn to_wit_date(day: Date) -> types::Date {
    types::Date {
        year: u16::try_from(day.year()).unwrap_or(0),
        month: day.month().unsigned_abs(),
        day: day.day().unsigned_abs(),
    }
}
