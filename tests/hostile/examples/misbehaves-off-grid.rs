//! Moves the wrong way for bases with seven digits after the point.
#![no_std]

use hostile::honest;

hostile::dial!(
    honest::DIAL.describe(),
    |preference, base, live| match preference {
        Some("quality") if honest::off_grid(base) => honest::dial(Some("cost"), base, live),
        Some("cost") if honest::off_grid(base) => honest::dial(Some("quality"), base, live),
        _ => honest::dial(preference, base, live),
    }
);
