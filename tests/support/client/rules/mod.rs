//! The rules of each dialect's streams, and what a stream adds up to.

pub(super) mod chat;
pub(super) mod messages;
pub(super) mod native;

pub use chat::Completion;
pub use messages::{Message, check};
pub use native::Inference;
