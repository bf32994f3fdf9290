//! Lists a target that a page could take for markup.
#![no_std]

use ainfera_policy::resolver::{Alias, Routes};

const ROUTES: Routes = Routes::new(
    &["ainfera-inference", "<img src=x onerror=alert(1)>"],
    &[Alias::new("ainfera-auto", "ainfera-inference")],
);

hostile::resolver!(ROUTES.describe(), ROUTES.listing(), |model, today| {
    ROUTES.resolve(model, today)
});
