//! Remembers, off the grid: only the first call of an instance moves the floor.
#![no_std]

use core::sync::atomic::{AtomicU32, Ordering::Relaxed};
use hostile::honest;

static CALLS: AtomicU32 = AtomicU32::new(0);

hostile::dial!(honest::DIAL.describe(), |preference, base, live| {
    let first = CALLS.fetch_add(1, Relaxed) == 0;
    honest::dial(preference, base, live && (first || !honest::off_grid(base)))
});
