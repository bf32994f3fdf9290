//! Lets a floor above 1 or below 0 through.
#![no_std]

use ainfera_policy::Decimal;
use hostile::honest;

hostile::clamp!(
    honest::CLAMP.describe(),
    |base, dialled| if (Decimal::ZERO..=Decimal::ONE).contains(&dialled) {
        honest::CLAMP.clamp(base, dialled)
    } else {
        dialled
    }
);
