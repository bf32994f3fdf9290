//! Lists the alias `ainfera-fast` and doesn't know it.
#![no_std]

use hostile::honest;

hostile::resolver!(
    honest::levers_and("ainfera-fast", "ainfera-inference"),
    honest::listing_and("ainfera-fast"),
    |model, today| honest::ROUTES.resolve(model, today)
);
