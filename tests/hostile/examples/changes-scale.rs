//! Answers an unmoved floor with one digit more: 0.500 for 0.50.
#![no_std]

use ainfera_policy::Decimal;
use hostile::honest;

hostile::dial!(honest::DIAL.describe(), |preference, base, live| {
    let floor = honest::dial(preference, base, live);
    if floor != base || base.scale == Decimal::MAX_SCALE {
        return floor;
    }
    Decimal::new(base.units * 10, base.scale + 1)
});
