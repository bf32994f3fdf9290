//! Moves the floor although the gate is closed, off the grid.
#![no_std]

use hostile::honest;

hostile::dial!(honest::DIAL.describe(), |preference, base, live| {
    honest::dial(preference, base, live || honest::off_grid(base))
});
