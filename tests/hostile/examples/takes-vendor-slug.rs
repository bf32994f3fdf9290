//! Lists a model of the default catalog as a target.
#![no_std]

use ainfera_policy::resolver::{Alias, Routes};

const ROUTES: Routes = Routes::new(
    &["ainfera-inference", "sim-small"],
    &[Alias::new("ainfera-auto", "ainfera-inference")],
);

hostile::resolver!(ROUTES.describe(), ROUTES.listing(), |model, today| {
    ROUTES.resolve(model, today)
});
