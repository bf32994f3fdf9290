//! Traps for bases with seven digits after the point.
#![no_std]

use core::arch::wasm32::unreachable;
use hostile::honest;

hostile::dial!(honest::DIAL.describe(), |preference, base, live| {
    if honest::off_grid(base) {
        unreachable()
    }
    honest::dial(preference, base, live)
});
