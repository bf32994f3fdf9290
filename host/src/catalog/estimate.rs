//! What a call is estimated to use and cost: integer arithmetic on recorded
//! inputs.

use super::{NanoUsd, Offer};
use crate::dialect::Shape;

/// Bytes of text that the estimate counts as one token.
const BYTES_PER_TOKEN: u64 = 4;
/// Input tokens that the estimate counts for an image.
pub const TOKENS_PER_IMAGE: u64 = 1_600;

/// Input tokens that the estimate assumes for `shape`:
/// ⌈text bytes ÷ 4⌉ + 1,600 for each image.
#[must_use]
pub fn estimated_input(shape: &Shape) -> u64 {
    shape
        .text_bytes
        .div_ceil(BYTES_PER_TOKEN)
        .saturating_add(u64::from(shape.images) * TOKENS_PER_IMAGE)
}

/// Output tokens that the estimate assumes for so many UTF-8 bytes of text,
/// thinking and tool input: ⌈bytes ÷ 4⌉.
#[must_use]
pub fn estimated_output(said_bytes: u64) -> u64 {
    said_bytes.div_ceil(BYTES_PER_TOKEN)
}

/// What `shape` is estimated to cost at `offer`.
#[must_use]
pub fn estimate(offer: &Offer, shape: &Shape) -> NanoUsd {
    let output = shape
        .max_tokens
        .unwrap_or(offer.default_output_tokens)
        .min(offer.max_output_tokens);
    offer.prices.estimate(estimated_input(shape), output)
}
