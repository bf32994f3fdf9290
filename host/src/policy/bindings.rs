//! Typed bindings to `wit/policy.wit`, one module for each world.
#![allow(missing_docs, clippy::all)]

/// The contract's own types, shared by the three worlds.
pub use alias_resolver::ainfera::policy::types;

pub mod alias_resolver {
    wasmtime::component::bindgen!({ path: "../wit", world: "alias-resolver" });
}

pub mod preference_dial {
    wasmtime::component::bindgen!({
        path: "../wit",
        world: "preference-dial",
        with: { "ainfera:policy/types": super::types },
    });
}

pub mod floor_clamp {
    wasmtime::component::bindgen!({
        path: "../wit",
        world: "floor-clamp",
        with: { "ainfera:policy/types": super::types },
    });
}
