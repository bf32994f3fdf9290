//! The reference dial: `quality` asks for 0.10 more, `cost` settles for 0.10 less.
#![no_std]

use ainfera_policy::{Decimal, Description, PreferenceDial, String, decimal, describe, dial};

const LEVERS: dial::Levers = dial::Levers::new(decimal!(0.10), decimal!(-0.10));

struct Reference;

impl PreferenceDial for Reference {
    fn describe() -> Description {
        describe!(LEVERS.describe())
    }

    fn apply(preference: Option<String>, base: Decimal, live: bool) -> Decimal {
        LEVERS.apply(preference.as_deref(), base, live)
    }
}

ainfera_policy::export_preference_dial!(Reference);
