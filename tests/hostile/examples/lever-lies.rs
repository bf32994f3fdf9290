//! Declares levers of 0.10 and moves by 0.05.
#![no_std]

use ainfera_policy::{decimal, dial};
use hostile::honest;

const GENTLE: dial::Levers = dial::Levers::new(decimal!(0.05), decimal!(-0.05));

hostile::dial!(honest::DIAL.describe(), |preference, base, live| {
    GENTLE.apply(preference, base, live)
});
