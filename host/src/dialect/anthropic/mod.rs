//! Anthropic Messages: a client's dialect and a provider's protocol.
//!
//! Format: <https://docs.anthropic.com/en/api/messages>, streams
//! <https://docs.anthropic.com/en/docs/build-with-claude/streaming>.

pub mod answer;
mod block;
pub mod encode;
pub mod error;
mod event;
mod failure;
pub mod relay;
pub mod request;
mod stop;
mod stream;
mod tool_id;
mod usage;
mod wire;

use bytes::Bytes;

pub use request::MessagesRequest;

/// The id of a message that this gateway composes for the call `id`.
fn message_id(id: &str) -> String {
    format!("msg_{id}")
}

/// A `ping` event, for a client whose provider is silent.
pub fn ping() -> Bytes {
    Bytes::from_static(b"event: ping\ndata: {\"type\": \"ping\"}\n\n")
}
