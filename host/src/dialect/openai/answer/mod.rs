//! A whole Chat Completions answer.

mod decode;
mod encode;

pub use decode::to_common;
pub use encode::encode;
