//! What clients and providers say on the wire, as pure functions: bytes in,
//! bytes out, no I/O.
//!
//! A call between a client and a provider of the same dialect is not decoded:
//! [`body`] edits its request by byte spans and a [`relay`] passes the frames
//! of its answer as they came, reading beside them only what the record
//! needs. Between two dialects everything goes through [`common`]: a dialect
//! decodes to it and encodes from it, and only a relay knows two of them.

pub mod anthropic;
mod arguments;
mod blocks;
pub mod body;
mod client;
pub mod common;
pub mod encode;
mod error;
mod fields;
mod framing;
mod json;
mod kind;
mod names;
pub mod native;
pub mod openai;
mod passthrough;
mod place;
pub mod relay;
mod request;
pub mod responses;
mod said;
mod shape;
pub mod sse;
#[cfg(test)]
mod testing;
mod translate;
mod walk;

pub use client::Dialect;
pub use error::{NotAnAnswer, RequestError};
pub use kind::ErrorKind;
pub use names::{Names, NativeFacts};
pub use request::{ClientRequest, Head};
pub use shape::Shape;
