//! Anthropic Messages: a client's dialect and a provider's protocol.
//!
//! Format: <https://docs.anthropic.com/en/api/messages>, streams
//! <https://docs.anthropic.com/en/docs/build-with-claude/streaming>.

pub mod answer;
pub mod encode;
pub mod error;
pub mod relay;
pub mod request;
mod tool_id;
mod usage;
mod wire;

use bytes::Bytes;

pub use error::ErrorKind;
pub use request::MessagesRequest;

/// A `ping` event, for a client whose provider is silent.
pub fn ping() -> Bytes {
    Bytes::from_static(b"event: ping\ndata: {\"type\": \"ping\"}\n\n")
}
