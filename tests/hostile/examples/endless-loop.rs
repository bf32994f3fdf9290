//! Never answers.
#![no_std]

use core::hint::spin_loop;

use hostile::honest;

hostile::dial!(honest::DIAL.describe(), |_preference, _base, _live| loop {
    spin_loop();
});
