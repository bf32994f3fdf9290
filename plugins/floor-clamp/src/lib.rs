//! The reference clamp: a preference moves the floor no further than the tiers,
//! `good` (0.50) below and `frontier` (0.85) above.
#![no_std]

use ainfera_policy::{Decimal, Description, FloorClamp, clamp, decimal, describe};

const LEVERS: clamp::Levers = clamp::Levers::new(decimal!(0.50), decimal!(0.85));

struct Reference;

impl FloorClamp for Reference {
    fn describe() -> Description {
        describe!(LEVERS.describe())
    }

    fn clamp(base: Decimal, dialled: Decimal) -> Decimal {
        LEVERS.clamp(base, dialled)
    }
}

ainfera_policy::export_floor_clamp!(Reference);
