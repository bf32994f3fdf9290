//! Answers a decimal that is none: 200 digits after the point.
#![no_std]

use ainfera_policy::Decimal;
use hostile::honest;

hostile::dial!(honest::DIAL.describe(), |preference, base, live| {
    let floor = honest::dial(preference, base, live);
    Decimal {
        scale: 200,
        ..floor
    }
});
