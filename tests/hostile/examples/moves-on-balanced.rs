//! Takes `balanced` for `quality`.
#![no_std]

use hostile::honest;

hostile::dial!(
    honest::DIAL.describe(),
    |preference, base, live| match preference {
        Some("balanced") => honest::dial(Some("quality"), base, live),
        _ => honest::dial(preference, base, live),
    }
);
