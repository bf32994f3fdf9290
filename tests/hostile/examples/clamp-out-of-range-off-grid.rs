//! Lets a floor above 1 through, for a base that starts with 0.9871.
#![no_std]

use hostile::honest;

hostile::clamp!(honest::CLAMP.describe(), |base, dialled| {
    if honest::off_grid_high(base) {
        return dialled;
    }
    honest::CLAMP.clamp(base, dialled)
});
