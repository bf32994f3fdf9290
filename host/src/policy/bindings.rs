//! The contract's types, generated from `wit/policy.wit`.
//!
//! Of the worlds only the types are used: [`super::Component`] calls exports by
//! index, one for each evaluation.
#![allow(missing_docs, dead_code, clippy::all)]

pub use resolver::ainfera::policy::types;

// Any of the worlds would do: all share the interface `types`.
mod resolver {
    wasmtime::component::bindgen!({ path: "../wit", world: "alias-resolver" });
}
