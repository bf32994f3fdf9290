//! Routes the alias `ainfera-hidden`, which it doesn't list.
#![no_std]

use hostile::honest;

hostile::resolver!(
    honest::ROUTES.describe(),
    honest::ROUTES.listing(),
    |model, today| honest::ROUTES.resolve(
        if model == "ainfera-hidden" {
            "ainfera-auto"
        } else {
            model
        },
        today
    )
);
