//! A lever's name that a page could take for markup.
#![no_std]

use ainfera_policy::Lever;
use hostile::honest;

hostile::dial!(
    {
        let mut levers = honest::DIAL.describe();
        levers.push(Lever::text("<script>alert(1)</script>", "A lever.", "none"));
        levers
    },
    |preference, base, live| honest::dial(preference, base, live)
);
