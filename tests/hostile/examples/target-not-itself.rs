//! Resolves its target `ainfera-inference` to its other target.
#![no_std]

use hostile::honest;

hostile::resolver!(
    honest::ROUTES.describe(),
    {
        let mut listing = honest::ROUTES.listing();
        listing.targets.push("ainfera-next".into());
        listing
    },
    |model, today| match model {
        "ainfera-inference" | "ainfera-next" => honest::target("ainfera-next"),
        _ => honest::ROUTES.resolve(model, today),
    }
);
