//! Declares levers of 0.10 and moves by 0.20.
#![no_std]

use ainfera_policy::{decimal, dial};
use hostile::honest;

const STEEP: dial::Levers = dial::Levers::new(decimal!(0.20), decimal!(-0.20));

hostile::dial!(honest::DIAL.describe(), |preference, base, live| {
    STEEP.apply(preference, base, live)
});
