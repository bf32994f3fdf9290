//! From a floor to an answer: the pure choice, and the attempts.

pub mod decide;
pub mod dispatch;

pub use decide::{Ask, Candidate, Mask, NoCandidate, RejectReason};
