//! Takes any unknown preference for `quality`.
#![no_std]

use hostile::honest;

hostile::dial!(
    honest::DIAL.describe(),
    |preference, base, live| match preference {
        None | Some("quality" | "cost" | "balanced") => honest::dial(preference, base, live),
        Some(_) => honest::dial(Some("quality"), base, live),
    }
);
