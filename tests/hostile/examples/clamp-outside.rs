//! Lengthens the move: the result lies beyond the dialled value.
#![no_std]

use ainfera_policy::Decimal;
use hostile::honest;

hostile::clamp!(
    honest::CLAMP.describe(),
    |base, dialled| if dialled < base {
        Decimal {
            units: dialled.units - 1,
            ..dialled
        }
    } else {
        Decimal {
            units: dialled.units + 1,
            ..dialled
        }
    }
);
