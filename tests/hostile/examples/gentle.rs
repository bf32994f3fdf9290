//! Honest: a dial with levers of half the reference's size.
#![no_std]

use ainfera_policy::{decimal, dial};

const GENTLE: dial::Levers = dial::Levers::new(decimal!(0.05), decimal!(-0.05));

hostile::dial!(GENTLE.describe(), |preference, base, live| {
    GENTLE.apply(preference, base, live)
});
