//! From a floor to an answer: the pure choice, and the attempts.

pub mod breaker;
pub mod decide;
pub mod dispatch;

pub use breaker::Breakers;
pub use decide::{Ask, Candidate, Mask, NoCandidate, RejectReason};
