//! Lists its target as an alias of itself too.
#![no_std]

use hostile::honest;

hostile::resolver!(
    honest::levers_and("ainfera-inference", "ainfera-inference"),
    honest::listing_and("ainfera-inference"),
    |model, today| honest::ROUTES.resolve(model, today)
);
