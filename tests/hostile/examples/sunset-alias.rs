//! Honest: `ainfera-auto` is past its sunset, `ainfera-mithril` deprecated, `ainfera/auto` as before.
#![no_std]

use ainfera_policy::{
    Date,
    resolver::{Alias, Routes},
};

const TARGET: &str = "ainfera-inference";
const DEPRECATED: Date = Date::new(2026, 1, 1);
const ROUTES: Routes = Routes::new(
    &[TARGET],
    &[
        Alias::new("ainfera-mithril", TARGET)
            .deprecated(DEPRECATED)
            .sunset(Date::new(2099, 1, 1)),
        Alias::new("ainfera-auto", TARGET)
            .deprecated(DEPRECATED)
            .sunset(Date::new(2026, 6, 1)),
        Alias::new("ainfera/auto", TARGET),
    ],
);

hostile::resolver!(ROUTES.describe(), ROUTES.listing(), |model, today| {
    ROUTES.resolve(model, today)
});
