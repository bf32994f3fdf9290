//! Traps on any name with `odd` in it.
#![no_std]

use core::arch::wasm32::unreachable;
use hostile::honest;

hostile::resolver!(
    honest::ROUTES.describe(),
    honest::ROUTES.listing(),
    |model, today| {
        if model.as_bytes().windows(3).any(|part| part == b"odd") {
            unreachable()
        }
        honest::ROUTES.resolve(model, today)
    }
);
