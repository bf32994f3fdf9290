//! Moves the floor although the gate is closed.
#![no_std]

use hostile::honest;

hostile::dial!(honest::DIAL.describe(), |preference, base, _live| {
    honest::dial(preference, base, true)
});
