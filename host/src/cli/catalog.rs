//! `ainfera catalog`: what can be routed to or pinned.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use clap::Subcommand;

use super::configured::ConfigArgs;
use super::failure::Failure;
use super::show::say;
use crate::bootstrap;
use crate::catalog::{Catalog, CatalogFile};
use crate::lifecycle;
use crate::policy::PolicyEngine;
use crate::provider::Providers;
use crate::store::{Digest, Store, StoreConfig, catalog};

/// Who acts, in the audit: whoever may write to the database file.
const ACTOR: &str = "operator";

#[derive(Debug, Subcommand)]
pub(super) enum CatalogCommand {
    /// Make a catalog file the newest version in the database
    Import(ImportArgs),
}

#[derive(Debug, clap::Args)]
pub(super) struct ImportArgs {
    /// The catalog, TOML
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    config: ConfigArgs,
}

pub(super) async fn run(command: &CatalogCommand) -> Result<(), Failure> {
    let CatalogCommand::Import(args) = command;
    let config = args.config.load().map_err(Failure::unusable)?;
    let text = fs::read_to_string(&args.file).map_err(|error| Failure::file(&args.file, &error))?;
    let file = CatalogFile::from_toml(&text).map_err(Failure::unusable)?;
    let checked = Catalog::new(0, file.clone()).map_err(Failure::refused)?;
    // As if every key were set, so that every URL is looked at.
    Providers::new(&checked, |_| Some("set".to_owned()), config.timeouts)
        .map_err(Failure::refused)?;
    let path = config.database_path();
    let store = Store::open(StoreConfig {
        durability: config.durability,
        ..StoreConfig::at(&path)
    })
    .await
    .map_err(Failure::unusable)?;
    let done = import(&store, &file, &checked).await;
    store.close().await;
    let path = path.display();
    match done? {
        Imported::Already(version) => {
            say!("nothing imported: version {version} in {path} is this catalog");
        }
        Imported::New {
            before,
            now,
            activated,
        } => {
            let before = before.map_or("none".to_owned(), |version| version.to_string());
            say!("catalog version {before} → {now} in {path}");
            for offer in activated {
                say!("activated {offer}");
            }
            say!("a running gateway keeps the version it has until its next start");
        }
    }
    Ok(())
}

enum Imported {
    /// The newest version says the same.
    Already(i64),
    New {
        before: Option<i64>,
        now: i64,
        /// Offers that take calls by it, and took none by the version before.
        activated: Vec<String>,
    },
}

async fn import(store: &Store, file: &CatalogFile, checked: &Catalog) -> Result<Imported, Failure> {
    let engine = PolicyEngine::new().map_err(Failure::unusable)?;
    let names = lifecycle::routed_names(&engine, store)
        .await
        .map_err(Failure::unusable)?;
    if let Some(taken) = names.iter().find(|name| checked.names(name)) {
        return Err(Failure::refused(format!(
            "the catalog names a model `{taken}`, which the active policy routes; rename it"
        )));
    }
    let latest = catalog::latest(store).await.map_err(Failure::unusable)?;
    let digest = Digest::of(serde_json_canonicalizer::to_string(file)?.as_bytes());
    let (before, was) = match latest {
        Some(latest) if latest.digest == digest => return Ok(Imported::Already(latest.version)),
        Some(latest) => (
            Some(latest.version),
            serde_json::from_str(&latest.body).map_err(Failure::unusable)?,
        ),
        None => (None, CatalogFile::default()),
    };
    let was = active(&was);
    let activated: Vec<String> = active(file).difference(&was).cloned().collect();
    let added = bootstrap::add_catalog(store, before.unwrap_or(0), file, &activated, ACTOR)
        .await
        .map_err(Failure::unusable)?;
    Ok(Imported::New {
        before,
        now: added.version,
        activated,
    })
}

/// The ids of the offers that take calls.
fn active(file: &CatalogFile) -> BTreeSet<String> {
    let offers = file.offers.iter().filter(|offer| offer.active);
    offers
        .map(|offer| format!("{}@{}", offer.model, offer.provider))
        .collect()
}
