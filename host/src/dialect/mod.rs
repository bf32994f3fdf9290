//! What clients and providers say on the wire, as pure functions: bytes in,
//! bytes out, no I/O.
//!
//! A call between a client and a provider of the same dialect is not decoded:
//! [`body`] edits its request by byte spans and a [`relay`] passes the frames
//! of its answer as they came, reading beside them only what the record
//! needs. Between two dialects everything goes through [`common`]: a dialect
//! decodes to it and encodes from it, and only a relay knows two of them.

pub mod anthropic;
pub mod body;
pub mod common;
mod error;
mod json;
pub mod openai;
pub mod relay;
mod shape;
pub mod sse;
#[cfg(test)]
mod testing;
mod walk;

pub use error::{NotAnAnswer, RequestError};
pub use shape::Shape;
