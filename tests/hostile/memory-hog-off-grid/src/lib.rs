//! Off the grid, grows its memory for as long as it may, then traps. A
//! package of its own, because only here a memory can grow.
#![no_std]

use core::arch::wasm32::{memory_grow, unreachable};

use hostile::honest;

hostile::dial!(honest::DIAL.describe(), |preference, base, live| {
    if honest::off_grid(base) {
        while memory_grow::<0>(16) != usize::MAX {}
        unreachable()
    }
    honest::dial(preference, base, live)
});
