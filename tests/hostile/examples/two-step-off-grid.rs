//! Resolves its aliases to an alias, off the grid.
#![no_std]

use ainfera_policy::Resolution;
use hostile::honest;

hostile::resolver!(
    honest::ROUTES.describe(),
    honest::ROUTES.listing(),
    |model, today| match honest::ROUTES.resolve(model, today) {
        Resolution::Routed(routed) if routed.via_alias && honest::off_grid_day(today) => {
            honest::alias_of("ainfera-auto")
        }
        other => other,
    }
);
