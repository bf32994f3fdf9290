//! A whole Messages answer.

mod capture;
mod decode;
mod encode;

pub use capture::capture;
pub use decode::to_common;
pub use encode::encode;
