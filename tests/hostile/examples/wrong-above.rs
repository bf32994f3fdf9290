//! Moves by half the lever for bases above 0.62.
#![no_std]

use ainfera_policy::{decimal, dial};
use hostile::honest;

const HALF: dial::Levers = dial::Levers::new(decimal!(0.05), decimal!(-0.05));

hostile::dial!(honest::DIAL.describe(), |preference, base, live| {
    if base > decimal!(0.62) {
        HALF.apply(preference, base, live)
    } else {
        honest::dial(preference, base, live)
    }
});
