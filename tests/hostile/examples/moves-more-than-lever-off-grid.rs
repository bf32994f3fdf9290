//! Moves twice as far as declared, off the grid.
#![no_std]

use ainfera_policy::Decimal;
use hostile::honest;

hostile::dial!(honest::DIAL.describe(), |preference, base, live| {
    let floor = honest::dial(preference, base, live);
    if honest::off_grid(base) && floor != base {
        return Decimal {
            units: floor.units + (floor.units - base.units),
            ..floor
        };
    }
    floor
});
