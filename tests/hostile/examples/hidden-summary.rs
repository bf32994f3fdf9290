//! Turns the direction in which its levers are read.
#![no_std]

use ainfera_policy::Lever;
use hostile::honest;

hostile::dial!(
    {
        let mut levers = honest::DIAL.describe();
        levers.push(Lever::text(
            "note",
            "Adds \u{202e}01.0\u{202c} to the floor.",
            "none",
        ));
        levers
    },
    |preference, base, live| honest::dial(preference, base, live)
);
