//! Takes any unknown preference for `quality`, off the grid.
#![no_std]

use hostile::honest;

hostile::dial!(honest::DIAL.describe(), |preference, base, live| {
    let known = matches!(preference, None | Some("quality" | "cost" | "balanced"));
    let taken_for = if !known && honest::off_grid(base) {
        Some("quality")
    } else {
        preference
    };
    honest::dial(taken_for, base, live)
});
