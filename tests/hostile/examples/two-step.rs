//! Lists and routes the alias `ainfera-old`, to another alias.
#![no_std]

use hostile::honest;

hostile::resolver!(
    honest::levers_and("ainfera-old", "ainfera-auto"),
    honest::listing_and("ainfera-old"),
    |model, today| match model {
        "ainfera-old" => honest::alias_of("ainfera-auto"),
        _ => honest::ROUTES.resolve(model, today),
    }
);
