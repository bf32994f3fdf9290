//! Declares 0.50 and 0.85 and clamps to 0.40 and 0.95.
#![no_std]

use ainfera_policy::{clamp, decimal};
use hostile::honest;

const LOOSE: clamp::Levers = clamp::Levers::new(decimal!(0.40), decimal!(0.95));

hostile::clamp!(honest::CLAMP.describe(), |base, dialled| {
    LOOSE.clamp(base, dialled)
});
