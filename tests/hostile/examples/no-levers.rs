//! Behaves as the reference and declares nothing.
#![no_std]

use ainfera_policy::Vec;
use hostile::honest;

hostile::dial!(Vec::new(), |preference, base, live| {
    honest::dial(preference, base, live)
});
