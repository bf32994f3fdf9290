//! Remembers: only the first call of an instance moves the floor.
#![no_std]

use core::sync::atomic::{AtomicU32, Ordering::Relaxed};
use hostile::honest;

static CALLS: AtomicU32 = AtomicU32::new(0);

hostile::dial!(honest::DIAL.describe(), |preference, base, live| {
    honest::dial(preference, base, live && CALLS.fetch_add(1, Relaxed) == 0)
});
