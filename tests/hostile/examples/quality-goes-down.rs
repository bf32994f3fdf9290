//! Lowers the floor for `quality`.
#![no_std]

use hostile::honest;

hostile::dial!(honest::DIAL.describe(), |preference, base, live| {
    let taken_for = match preference {
        Some("quality") => Some("cost"),
        other => other,
    };
    honest::dial(taken_for, base, live)
});
