//! A Responses stream on its way to a client.

use super::stream::Decoder;
use crate::dialect::relay::Relay;
use crate::dialect::translate::Translator;

/// Reads a Responses stream into the form between dialects.
pub fn translated() -> impl Relay {
    Translator::new(Decoder::default())
}
