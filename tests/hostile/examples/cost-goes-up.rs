//! Raises the floor for `cost`.
#![no_std]

use hostile::honest;

hostile::dial!(honest::DIAL.describe(), |preference, base, live| {
    let taken_for = match preference {
        Some("cost") => Some("quality"),
        other => other,
    };
    honest::dial(taken_for, base, live)
});
