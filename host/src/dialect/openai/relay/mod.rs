//! A Chat Completions stream on its way to a client.

mod same;
#[cfg(test)]
mod tests;
mod whole;

pub use same::passthrough;
pub use whole::capture;

use super::stream::Decoder;
use crate::dialect::relay::Relay;
use crate::dialect::translate::Translator;

/// Reads a Chat Completions stream into the form between dialects.
pub fn translated() -> impl Relay {
    Translator::new(Decoder::default())
}
