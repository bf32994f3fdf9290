//! The WebAssembly side: from a model name and a caller's preference to the
//! floor that the call must clear.
//!
//! Pure computation. A [`Component`] is compiled once; every evaluation of it
//! runs in a [`sandbox`] of its own that nothing survives; a [`PolicySet`]
//! checks each answer natively and remembers it; an [`Active`] snapshot is
//! what a request takes once and keeps.

pub mod active;
mod call;
mod checks;
pub mod compile;
pub mod component;
mod decision;
pub mod engine;
pub mod faults;
pub mod levers;
pub mod limits;
mod load;
mod memo;
pub mod processor;
mod ruleset;
pub mod sandbox;
pub mod set;
pub mod settings;
pub mod shadow;
mod slot;
pub mod text;
pub mod value;
pub mod worlds;

#[cfg(test)]
mod tests;

pub use active::{Active, Deciding, Gates, Generation, Snapshot, Unavailable};
pub use compile::CompileError;
pub use component::Component;
pub use decision::{Classified, Dialled};
pub use engine::PolicyEngine;
pub use limits::{Guests, Used};
pub use load::LoadError;
pub use ruleset::ruleset_hash;
pub use sandbox::Fault;
pub use set::PolicySet;
pub use slot::Slot;
pub use value::Floor;
