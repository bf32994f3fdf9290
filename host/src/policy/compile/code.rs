//! Machine code that is known to come from our own compiler.
#![allow(unsafe_code, reason = "code is run as it is: see `Code`")]

use wasmtime::Engine;
use wasmtime::component::Component;

/// Machine code of a component.
///
/// The engine runs it as it is, so only what our own compiler made may become
/// one: what a child of ours wrote into its pipe.
pub(super) struct Code(Vec<u8>);

impl Code {
    /// What the compiler, a child process of this very binary, wrote.
    pub(super) fn compiled(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The component, ready to be linked. An error where the code is of other
    /// settings or another machine, or no sandbox of the pool has room for it.
    pub(super) fn load(&self, engine: &Engine) -> wasmtime::Result<Component> {
        // SAFETY: `deserialize` must be given what `Engine::precompile_component`
        // made, unchanged. Every constructor above takes nothing else.
        unsafe { Component::deserialize(engine, &self.0) }
    }
}
