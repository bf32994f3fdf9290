//! Writes to the terminal of who reads its levers.
#![no_std]

use ainfera_policy::Lever;
use hostile::honest;

hostile::dial!(
    {
        let mut levers = honest::DIAL.describe();
        levers.push(Lever::text("note", "\u{1b}]0;owned\u{7}Harmless.", "none"));
        levers
    },
    |preference, base, live| honest::dial(preference, base, live)
);
