//! The dialects and components, and what every input to them has to leave true.

#![allow(dead_code, unreachable_pub)]

#[path = "../../host/src/dialect/mod.rs"]
pub mod dialect;
pub mod targets;

#[cfg(feature = "components")]
pub mod components;
