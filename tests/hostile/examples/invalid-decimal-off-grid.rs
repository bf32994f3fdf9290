//! Answers a decimal that is none, off the grid.
#![no_std]

use ainfera_policy::Decimal;
use hostile::honest;

hostile::dial!(honest::DIAL.describe(), |preference, base, live| {
    let floor = honest::dial(preference, base, live);
    if honest::off_grid(base) {
        return Decimal {
            scale: 200,
            ..floor
        };
    }
    floor
});
