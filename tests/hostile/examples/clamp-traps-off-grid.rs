//! Traps for bases with seven digits after the point.
#![no_std]

use core::arch::wasm32::unreachable;
use hostile::honest;

hostile::clamp!(honest::CLAMP.describe(), |base, dialled| {
    if honest::off_grid(base) {
        unreachable()
    }
    honest::CLAMP.clamp(base, dialled)
});
