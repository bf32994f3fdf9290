//! OpenAI Chat Completions: a client's dialect and a provider's protocol.
//!
//! Format: <https://platform.openai.com/docs/api-reference/chat>. Hosts that
//! are compatible with it differ in small things; what a request must heed is
//! in [`Quirks`], what an answer may show is accepted from all of them.

pub mod answer;
pub(super) mod completion;
mod content;
mod effort;
pub mod encode;
pub mod error;
mod quirks;
pub mod relay;
pub mod request;
mod said;
mod stream;
mod wire;
mod words;

pub use effort::ReasoningEffort;
pub use quirks::{MaxTokensField, Quirks, ThinkingField, ToolCallIds};
pub use request::ChatRequest;

use bytes::Bytes;

/// A comment, for a client whose provider is silent: the dialect has no event
/// for it.
pub fn ping() -> Bytes {
    Bytes::from_static(b": ping\n\n")
}
