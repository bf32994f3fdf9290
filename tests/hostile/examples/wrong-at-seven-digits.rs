//! Moves the wrong way for bases with seven digits after the point, which the grid
//! does not have.
#![no_std]

use hostile::honest;

hostile::dial!(
    honest::DIAL.describe(),
    |preference, base, live| match preference {
        Some("quality") if base.scale == 7 => honest::dial(Some("cost"), base, live),
        _ => honest::dial(preference, base, live),
    }
);
