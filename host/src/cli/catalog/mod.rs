//! `ainfera catalog`: what can be routed to or pinned.

mod import;
mod offer;
mod show;

use clap::Subcommand;
use serde::Deserialize;

use super::failure::Failure;
use super::show::{plain, say};

#[derive(Debug, Subcommand)]
pub(super) enum CatalogCommand {
    /// Show the newest version, or another
    Show(show::ShowArgs),
    /// Have an offer take calls
    Activate(offer::OfferArgs),
    /// Have an offer take no more calls
    Darken(offer::OfferArgs),
    /// Make a catalog file the newest version
    Import(import::ImportArgs),
}

pub(super) async fn run(command: &CatalogCommand) -> Result<(), Failure> {
    match command {
        CatalogCommand::Show(args) => show::run(args).await,
        CatalogCommand::Activate(args) => offer::run(args, true).await,
        CatalogCommand::Darken(args) => offer::run(args, false).await,
        CatalogCommand::Import(args) => import::run(args).await,
    }
}

/// What the gateway says of a change.
#[derive(Deserialize)]
struct Changed {
    version: i64,
    changed: bool,
    activated: Vec<String>,
    darkened: Vec<String>,
    without_key: Vec<WithoutKey>,
}

#[derive(Deserialize)]
struct WithoutKey {
    offer: String,
    key_env: String,
}

impl Changed {
    fn say(&self) {
        if self.changed {
            say!("catalog version {} is in force", self.version);
        } else {
            say!(
                "nothing changed: version {} says that already",
                self.version
            );
        }
        for offer in &self.activated {
            say!("activated {}", plain(offer));
        }
        for offer in &self.darkened {
            say!("darkened {}", plain(offer));
        }
        say_without_key(&self.without_key);
    }
}

fn say_without_key(offers: &[WithoutKey]) {
    for WithoutKey { offer, key_env } in offers {
        say!(
            "{} gets no calls: the gateway was started without {}",
            plain(offer),
            plain(key_env)
        );
    }
}
