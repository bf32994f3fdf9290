//! How much of a preference's move is let through.
#![no_std]

use ainfera_policy::{Decimal, Description, FloorClamp, clamp, decimal, describe};

/// The levers: the lowest and the highest floor that a move may reach.
const LEVERS: clamp::Levers = clamp::Levers::new(decimal!(0.50), decimal!(0.85));

struct Policy;

impl FloorClamp for Policy {
    fn describe() -> Description {
        describe!(LEVERS.describe())
    }

    fn clamp(base: Decimal, dialled: Decimal) -> Decimal {
        LEVERS.clamp(base, dialled)
    }
}

ainfera_policy::export_floor_clamp!(Policy);
