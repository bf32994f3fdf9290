//! Grows its memory for as long as it may, and traps when it no longer may. A
//! package of its own, because only here a memory can grow.
#![no_std]

use core::arch::wasm32::{memory_grow, unreachable};

use hostile::honest;

hostile::dial!(honest::DIAL.describe(), |_preference, _base, _live| {
    while memory_grow::<0>(16) != usize::MAX {}
    unreachable()
});
