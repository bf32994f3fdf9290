//! Never answers for bases with seven digits after the point.
#![no_std]

use hostile::honest;

hostile::dial!(honest::DIAL.describe(), |preference, base, live| {
    while honest::off_grid(base) {}
    honest::dial(preference, base, live)
});
