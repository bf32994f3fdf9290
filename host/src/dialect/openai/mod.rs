//! OpenAI Chat Completions, as a provider's protocol.
//!
//! Format: <https://platform.openai.com/docs/api-reference/chat>. Hosts that
//! are compatible with it differ in small things; what a request must heed is
//! in [`Quirks`], what an answer may show is accepted from all of them.

pub mod answer;
pub mod error;
mod quirks;
pub mod relay;
pub mod request;
mod stream;
mod wire;

pub use quirks::{MaxTokensField, Quirks};
