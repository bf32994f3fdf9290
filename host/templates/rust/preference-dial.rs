//! How far a caller's preference moves the quality floor.
#![no_std]

use ainfera_policy::{Decimal, Description, PreferenceDial, String, decimal, describe, dial};

/// The levers: what `quality` and `cost` add to the floor.
const LEVERS: dial::Levers = dial::Levers::new(decimal!(0.10), decimal!(-0.10));

struct Policy;

impl PreferenceDial for Policy {
    fn describe() -> Description {
        describe!(LEVERS.describe())
    }

    fn apply(preference: Option<String>, base: Decimal, live: bool) -> Decimal {
        LEVERS.apply(preference.as_deref(), base, live)
    }
}

ainfera_policy::export_preference_dial!(Policy);
