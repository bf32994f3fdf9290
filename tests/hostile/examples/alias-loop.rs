//! Lists two aliases that lead to each other, and to no target.
#![no_std]

use ainfera_policy::{Lever, vec};
use hostile::honest;

const SUMMARY: &str = "The target of this alias.";

hostile::resolver!(
    vec![
        Lever::text("ainfera-here", SUMMARY, "ainfera-there"),
        Lever::text("ainfera-there", SUMMARY, "ainfera-here"),
    ],
    {
        let mut listing = honest::ROUTES.listing();
        listing.aliases = vec!["ainfera-here".into(), "ainfera-there".into()];
        listing
    },
    |model, today| match model {
        "ainfera-here" => honest::alias_of("ainfera-there"),
        "ainfera-there" => honest::alias_of("ainfera-here"),
        _ => honest::ROUTES.resolve(model, today),
    }
);
