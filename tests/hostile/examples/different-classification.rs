//! Honest: no `ainfera-auto`, and a new alias `team-default`.
#![no_std]

use ainfera_policy::resolver::{Alias, Routes};

const TARGET: &str = "ainfera-inference";
const ROUTES: Routes = Routes::new(
    &[TARGET],
    &[
        Alias::new("ainfera-mithril", TARGET),
        Alias::new("ainfera/auto", TARGET),
        Alias::new("team-default", TARGET),
    ],
);

hostile::resolver!(ROUTES.describe(), ROUTES.listing(), |model, today| {
    ROUTES.resolve(model, today)
});
