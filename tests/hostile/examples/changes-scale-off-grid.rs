//! Answers an unmoved floor with one digit more, off the grid.
#![no_std]

use ainfera_policy::Decimal;
use hostile::honest;

hostile::dial!(honest::DIAL.describe(), |preference, base, live| {
    let floor = honest::dial(preference, base, live);
    if floor == base && honest::off_grid(base) {
        return Decimal::new(base.units * 10, base.scale + 1);
    }
    floor
});
