//! Answers otherwise where the base is the one that it was asked before.
#![no_std]

use core::sync::atomic::{AtomicU32, Ordering::Relaxed};
use hostile::honest;

static LAST: AtomicU32 = AtomicU32::new(u32::MAX);

hostile::dial!(honest::DIAL.describe(), |preference, base, live| {
    let key = base.units as u32;
    let again = LAST.swap(key, Relaxed) == key;
    honest::dial(preference, base, live && !again)
});
