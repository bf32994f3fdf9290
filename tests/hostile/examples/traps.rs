//! Traps on every call.
#![no_std]

use core::arch::wasm32::unreachable;
use hostile::honest;

hostile::dial!(honest::DIAL.describe(), |_preference, _base, _live| {
    unreachable()
});
