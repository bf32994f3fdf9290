//! Lets long moves from above its bounds through where they are written with five or
//! more digits, so that a longer move may give less. The grid does not show it.
#![no_std]

use ainfera_policy::decimal;
use hostile::honest;

hostile::clamp!(honest::CLAMP.describe(), |base, dialled| {
    let one = decimal!(1);
    if base > decimal!(0.85) && dialled > base && dialled < one && (5..18).contains(&dialled.scale)
    {
        dialled
    } else {
        honest::CLAMP.clamp(base, dialled)
    }
});
