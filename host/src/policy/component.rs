//! A compiled component: which slot it fills, what it says of itself, and one
//! fresh evaluation of each of its functions.

use std::fmt;

use jiff::civil::Date;
use wasmtime::Engine;
use wasmtime::component::{ComponentExportIndex, InstancePre};

use super::call::{Answers, Call};
use super::compile::CompileError;
use super::engine::PolicyEngine;
use super::limits::{Limits, Sandboxed, Used};
use super::load::{LoadError, slot_of, world_of};
use super::sandbox::{self, Fault};
use super::slot::Slot;
use super::worlds::World;
use super::worlds::v1_0::types;
use crate::store::Digest;

/// A compiled component that fills a slot. Nothing of it has run.
pub struct Component {
    engine: PolicyEngine,
    pre: InstancePre<Sandboxed>,
    describe: ComponentExportIndex,
    /// `resolve`, `apply` or `clamp`.
    decide: ComponentExportIndex,
    listing: Option<ComponentExportIndex>,
    world: &'static dyn World,
    slot: Slot,
    digest: Digest,
    limits: Limits,
}

impl Component {
    /// Compiles `bytes` and finds the slot that they fill.
    ///
    /// Blocks for milliseconds for a lean guest, for seconds for an interpreted
    /// one: never call it on a request path.
    ///
    /// # Errors
    /// If they are not a component that fills exactly one slot and imports nothing.
    pub fn load(engine: &PolicyEngine, bytes: &[u8]) -> Result<Self, LoadError> {
        let class = engine
            .guests
            .class(bytes.len())
            .ok_or(LoadError::TooLarge {
                bytes: bytes.len(),
                most: engine.guests.most_bytes(),
            })?;
        if Engine::detect_precompiled(bytes).is_some() {
            return Err(LoadError::Precompiled);
        }
        match (bytes.get(..4), bytes.get(4..8)) {
            (Some(b"\0asm"), Some([1, 0, 0, 0])) => return Err(LoadError::CoreModule),
            (Some(b"\0asm"), Some(_)) => {}
            _ => return Err(LoadError::NotWasm),
        }
        let digest = Digest::of(bytes);
        let compiler = &engine.compiler;
        let component = compiler.component(&engine.engine, bytes, digest, class.compile)?;
        let world = world_of(engine, &component)?;
        let slot = slot_of(engine, &component)?;
        let pre = sandbox::linker(engine)
            .instantiate_pre(&component)
            .map_err(|error| CompileError::Invalid(format!("{error:#}")))?;
        let export = |name: &'static str| component.get_export_index(None, name);
        let missing = |name: &'static str| LoadError::Missing { slot, name };
        Ok(Self {
            engine: engine.clone(),
            pre,
            describe: export("describe").ok_or_else(|| missing("describe"))?,
            decide: export(slot.decides()).ok_or_else(|| missing(slot.decides()))?,
            listing: export("listing"),
            world,
            slot,
            digest,
            limits: class.limits,
        })
    }

    /// The same component with another fuel budget for each call.
    #[must_use]
    pub fn with_fuel(mut self, fuel: u64) -> Self {
        self.limits.fuel = fuel.min(self.limits.fuel);
        self
    }

    /// What each evaluation may use: what its class may, until
    /// [`Self::with_fuel`] says less.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Keeps its machine code for the next start, where the engine has a cache.
    /// For components that are verified: others would push them out.
    pub fn keep_code(&self) {
        let PolicyEngine {
            engine, compiler, ..
        } = &self.engine;
        compiler.keep(engine, self.digest, self.pre.component());
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

    /// The version of the contract that it was built for: `1.0.0`.
    #[must_use]
    pub fn contract(&self) -> &'static str {
        self.world.version()
    }

    /// What it says of itself, and what saying it used.
    ///
    /// # Errors
    /// If it faults.
    pub fn describe(&self) -> Result<(types::Description, Used), Fault> {
        self.world.describe(&self.call(&self.describe))
    }

    /// The resolver's lists, in a fresh sandbox; with what it used.
    ///
    /// # Errors
    /// If it faults, or fills another slot.
    pub fn listing(&self) -> Result<(types::Listing, Used), Fault> {
        let listing = self.listing.as_ref().ok_or_else(|| self.other_slot())?;
        self.world.listing(&self.call(listing))
    }

    /// The resolver's answer, in a fresh sandbox; with what it used.
    ///
    /// # Errors
    /// If it faults, or fills another slot.
    pub fn resolve(&self, model: &str, today: Date) -> Result<(types::Resolution, Used), Fault> {
        let call = self.decides(Slot::AliasResolver)?;
        only(self.world.resolve(&call, &[(model, today)]))
    }

    /// The dial's answer, in a fresh sandbox; with what it used.
    ///
    /// # Errors
    /// If it faults, or fills another slot.
    pub fn apply(
        &self,
        preference: Option<&str>,
        base: types::Decimal,
        live: bool,
    ) -> Result<(types::Decimal, Used), Fault> {
        let call = self.decides(Slot::PreferenceDial)?;
        only(self.world.apply(&call, &[(preference, base, live)]))
    }

    /// The clamp's answer, in a fresh sandbox; with what it used.
    ///
    /// # Errors
    /// If it faults, or fills another slot.
    pub fn clamp(
        &self,
        base: types::Decimal,
        dialled: types::Decimal,
    ) -> Result<(types::Decimal, Used), Fault> {
        let call = self.decides(Slot::FloorClamp)?;
        only(self.world.clamp(&call, &[(base, dialled)]))
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
        let call = self.decides(Slot::AliasResolver)?;
        Ok(self.world.resolve(&call, inputs)?.0)
    }

    /// [`Self::apply`] several times on one instance.
    ///
    /// # Errors
    /// If it faults, or fills another slot.
    pub fn apply_on_one_instance(
        &self,
        inputs: &[(Option<&str>, types::Decimal, bool)],
    ) -> Result<Vec<types::Decimal>, Fault> {
        let call = self.decides(Slot::PreferenceDial)?;
        Ok(self.world.apply(&call, inputs)?.0)
    }

    /// [`Self::clamp`] several times on one instance.
    ///
    /// # Errors
    /// If it faults, or fills another slot.
    pub fn clamp_on_one_instance(
        &self,
        inputs: &[(types::Decimal, types::Decimal)],
    ) -> Result<Vec<types::Decimal>, Fault> {
        let call = self.decides(Slot::FloorClamp)?;
        Ok(self.world.clamp(&call, inputs)?.0)
    }

    fn call<'a>(&'a self, function: &'a ComponentExportIndex) -> Call<'a> {
        Call {
            engine: &self.engine,
            pre: &self.pre,
            function,
            limits: self.limits,
        }
    }

    /// The function that decides, if this component fills `slot`.
    fn decides(&self, slot: Slot) -> Result<Call<'_>, Fault> {
        if self.slot == slot {
            Ok(self.call(&self.decide))
        } else {
            Err(self.other_slot())
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

/// The answer to a single question.
fn only<T>(answers: Answers<T>) -> Result<(T, Used), Fault> {
    let (mut answers, used) = answers?;
    let answer = answers.pop();
    Ok((answer.ok_or_else(|| Fault::Answer("none".into()))?, used))
}
