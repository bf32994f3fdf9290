//! The worked example of a lever change: the reference dial with 0.20 for 0.10.
#![no_std]

use ainfera_policy::{Decimal, Description, PreferenceDial, String, decimal, describe, dial};

const LEVERS: dial::Levers = dial::Levers::new(decimal!(0.20), decimal!(-0.20));

struct Steep;

impl PreferenceDial for Steep {
    fn describe() -> Description {
        describe!(LEVERS.describe())
    }

    fn apply(preference: Option<String>, base: Decimal, live: bool) -> Decimal {
        LEVERS.apply(preference.as_deref(), base, live)
    }
}

ainfera_policy::export_preference_dial!(Steep);
