//! Honest: a clamp with bounds close together.
#![no_std]

use ainfera_policy::{clamp, decimal};

const NARROW: clamp::Levers = clamp::Levers::new(decimal!(0.48), decimal!(0.52));

hostile::clamp!(NARROW.describe(), |base, dialled| NARROW
    .clamp(base, dialled));
