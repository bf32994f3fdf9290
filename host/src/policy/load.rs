//! What bytes must be to be taken as a component.

use wasmtime::component::types::ComponentItem;

use super::compile::CompileError;
use super::engine::PolicyEngine;
use super::slot::Slot;
use super::worlds::{self, World};

/// The one import that a component may have, with its version behind it: an
/// instance with types alone.
const TYPES: &str = "ainfera:policy/types@";

/// Why bytes are no component of this contract.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// Larger than every class of guests.
    #[error(
        "the component has {bytes} bytes, the limit is {most}; build it in release mode with `ainfera plugin build`, which strips it"
    )]
    TooLarge {
        /// What it has.
        bytes: usize,
        /// What it may have.
        most: usize,
    },
    /// Machine code.
    #[error(
        "this is precompiled code, which is never taken; upload the .wasm file that `ainfera plugin build` writes"
    )]
    Precompiled,
    /// No WebAssembly at all.
    #[error("this is not WebAssembly; upload the .wasm file that `ainfera plugin build` writes")]
    NotWasm,
    /// A core module.
    #[error(
        "this is a core WebAssembly module, not a component; encode it with `ainfera plugin build`"
    )]
    CoreModule,
    /// The compiler refused it.
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// It imports something.
    #[error(
        "the component imports `{0}`; a policy may import nothing but the types of `ainfera:policy/types`: remove what needs it (WASI, clocks, random numbers, std formatting)"
    )]
    Imports(String),
    /// It was built for a version of the contract that is not served.
    #[error(
        "the component is built for version {0} of the contract `ainfera:policy`; this host serves {served}: build it against one of these", served = worlds::served()
    )]
    Version(String),
    /// It exports no slot's function.
    #[error(
        "the component exports {0}, which is no slot's world; export `resolve` (alias-resolver), `apply` (preference-dial) or `clamp` (floor-clamp) at its top level"
    )]
    WrongWorld(String),
    /// It exports more than one slot's world, or things of its own.
    #[error("the component exports `{export}`, which world `{slot}` does not have; remove it")]
    ExtraExport {
        /// The slot whose world it otherwise fills.
        slot: Slot,
        /// The export.
        export: String,
    },
    /// A function of the world is not there.
    #[error(
        "the component does not export `{name}`, which world `{slot}` has; build it against wit/policy.wit"
    )]
    Missing {
        /// The slot that its exports name.
        slot: Slot,
        /// The function.
        name: &'static str,
    },
}

/// The version of the contract that `component` was built for, by the one
/// thing that it imports.
pub(super) fn world_of(
    engine: &PolicyEngine,
    component: &wasmtime::component::Component,
) -> Result<&'static dyn World, LoadError> {
    let engine = &engine.engine;
    let mut version = None;
    for (name, import) in component.component_type().imports(engine) {
        match &import.ty {
            ComponentItem::Type(_) => {}
            ComponentItem::ComponentInstance(instance)
                if name.starts_with(TYPES)
                    && version.is_none()
                    && instance
                        .exports(engine)
                        .all(|(_, item)| matches!(item.ty, ComponentItem::Type(_))) =>
            {
                version = name.strip_prefix(TYPES).map(str::to_owned);
            }
            _ => return Err(LoadError::Imports(printable(name))),
        }
    }
    match version {
        Some(version) => {
            worlds::of(&version).ok_or_else(|| LoadError::Version(printable(&version)))
        }
        None => Ok(worlds::first()),
    }
}

/// The slot whose functions `component` exports.
pub(super) fn slot_of(
    engine: &PolicyEngine,
    component: &wasmtime::component::Component,
) -> Result<Slot, LoadError> {
    let engine = &engine.engine;
    let ty = component.component_type();
    let functions: Vec<&str> = ty
        .exports(engine)
        .filter(|(_, item)| matches!(item.ty, ComponentItem::ComponentFunc(_)))
        .map(|(name, _)| name)
        .collect();
    let slot = Slot::ALL
        .into_iter()
        .find(|slot| {
            slot.exports()
                .iter()
                .all(|export| functions.contains(export))
        })
        .ok_or_else(|| {
            let names: Vec<String> = functions
                .iter()
                .take(8)
                .map(|name| printable(name))
                .collect();
            LoadError::WrongWorld(if names.is_empty() {
                "no function".into()
            } else {
                names.join(", ")
            })
        })?;
    match functions.iter().find(|name| !slot.exports().contains(name)) {
        Some(extra) => Err(LoadError::ExtraExport {
            slot,
            export: printable(extra),
        }),
        None => Ok(slot),
    }
}

/// A guest's name as it may be shown: short, no control characters.
fn printable(name: &str) -> String {
    name.chars().take(64).flat_map(char::escape_debug).collect()
}
