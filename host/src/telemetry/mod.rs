//! What the parts of the gateway count with, and how that is called.
//!
//! Counting is adding to atomics: a part looks its series up once and keeps
//! them. Each counts its own; `gateway::metrics` puts them together. What goes to
//! an OpenTelemetry collector is in `otlp`.

mod histogram;
mod label;
pub mod names;
pub mod otlp;
pub mod scales;
mod usd;

pub use histogram::{Histogram, NANOSECONDS, ONES, Scale};
pub use label::{Labels, Value};
pub use usd::Usd;
