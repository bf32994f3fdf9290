//! Recorded decisions, decided again: the recorded digests on the recorded
//! inputs, by the very code that decides calls. What differs is named.

mod again;
mod difference;
mod inputs;
mod sources;
mod verifier;

pub use difference::Difference;
pub use sources::Missing;
pub use verifier::{Absent, Report, Verifier};

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests;
