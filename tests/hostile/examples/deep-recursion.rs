//! Calls itself until the WebAssembly stack is used up. It needs no memory for it.
#![no_std]

use ainfera_policy::Decimal;
use hostile::honest;

#[inline(never)]
#[allow(unconditional_recursion)]
fn deep(n: i64) -> i64 {
    // Neither a tail call nor a sum: no compiler makes a loop of it.
    deep(n.wrapping_add(1)).rotate_left(1) ^ n
}

hostile::dial!(honest::DIAL.describe(), |_preference, base, _live| {
    Decimal {
        units: deep(base.units),
        ..base
    }
});
