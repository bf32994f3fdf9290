//! The venues of the default catalog, each held to what its documentation
//! shows. The answers, streams and errors in `fixtures` are written in the shape
//! that `fixtures/SOURCES.md` names for each; all tell the same story.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod anthropic;
mod chat;
mod errors;
mod requests;
mod story;

use super::{CatalogFile, DEFAULT, Protocol};

/// A file of a venue.
fn fixture(venue: &str, file: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/catalog/venues/fixtures");
    std::fs::read(format!("{folder}/{venue}/{file}")).unwrap()
}

/// The venues of the default catalog that speak `protocol`.
fn venues(protocol: Protocol) -> Vec<String> {
    let catalog = CatalogFile::from_toml(DEFAULT).unwrap();
    let venues = catalog.providers.into_iter();
    venues
        .filter(|(_, venue)| venue.protocol == protocol)
        .map(|(name, _)| name)
        .collect()
}

#[test]
fn the_source_of_every_fixture_is_named() {
    let sources = include_str!("fixtures/SOURCES.md");
    for venue in [venues(Protocol::OpenaiChat), venues(Protocol::Anthropic)].concat() {
        for file in ["answer.json", "stream.sse", "error.json"] {
            assert!(!fixture(&venue, file).is_empty());
            let named = format!("| `{venue}/{file}` | https://");
            assert!(sources.contains(&named), "{venue}/{file}");
        }
    }
}
