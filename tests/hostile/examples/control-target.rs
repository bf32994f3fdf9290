//! Lists a target that would clear a terminal.
#![no_std]

use ainfera_policy::resolver::{Alias, Routes};

const ROUTES: Routes = Routes::new(
    &["ainfera-inference", "\u{1b}[2Jainfera"],
    &[Alias::new("ainfera-auto", "ainfera-inference")],
);

hostile::resolver!(ROUTES.describe(), ROUTES.listing(), |model, today| {
    ROUTES.resolve(model, today)
});
