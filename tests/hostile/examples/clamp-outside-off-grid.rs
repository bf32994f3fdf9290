//! Lengthens the move, off the grid.
#![no_std]

use ainfera_policy::Decimal;
use hostile::honest;

hostile::clamp!(honest::CLAMP.describe(), |base, dialled| {
    if honest::off_grid(base) {
        let further = if dialled < base { -1 } else { 1 };
        return Decimal {
            units: dialled.units + further,
            ..dialled
        };
    }
    honest::CLAMP.clamp(base, dialled)
});
