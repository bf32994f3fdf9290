//! Bounds the result outright, so that base 0.90 with `quality` falls to 0.85.
#![no_std]

use ainfera_policy::decimal;
use hostile::honest;

hostile::clamp!(honest::CLAMP.describe(), |_base, dialled| {
    dialled.clamp(decimal!(0.50), decimal!(0.85))
});
