//! `ainfera catalog import`: through the running gateway, or into the database
//! of one that does not run.

use std::fs;
use std::path::PathBuf;

use serde::Deserialize;
use serde_json::json;

use super::Changed;
use crate::bootstrap::{self, NextCatalog};
use crate::catalog::{Catalog, CatalogFile, Turned};
use crate::cli::api::{ApiArgs, part};
use crate::cli::configured::ConfigArgs;
use crate::cli::failure::Failure;
use crate::cli::show::say;
use crate::lifecycle;
use crate::policy::{Guests, PolicyEngine};
use crate::provider::Providers;
use crate::record::audit::EventName;
use crate::store::{Digest, Store, StoreConfig, catalog};

/// Who acts, in the audit: whoever may write to the database.
const ACTOR: &str = "operator";

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ImportArgs {
    /// The catalog, TOML or JSON
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Write to the configured database while no gateway runs on it
    #[arg(long)]
    offline: bool,
    #[command(flatten)]
    config: ConfigArgs,
    #[command(flatten)]
    api: ApiArgs,
}

pub(super) async fn run(args: &ImportArgs) -> Result<(), Failure> {
    let text = fs::read_to_string(&args.file).map_err(|error| Failure::file(&args.file, &error))?;
    let file = CatalogFile::read(&text).map_err(Failure::unusable)?;
    let checked = Catalog::new(0, file.clone()).map_err(Failure::refused)?;
    if args.offline {
        return offline(args, &file, &checked).await;
    }
    let api = args.api.connect()?;
    let newest: i64 = part(&api.get("catalog").await?, "version")?;
    let answer = api.put_if("catalog", newest, &json!(file)).await?;
    Changed::deserialize(&answer)?.say();
    Ok(())
}

async fn offline(args: &ImportArgs, file: &CatalogFile, checked: &Catalog) -> Result<(), Failure> {
    let config = args.config.load().map_err(Failure::unusable)?;
    // As if every key were set, so that every URL is looked at.
    Providers::new(checked, |_| Some("set".to_owned()), config.timeouts)
        .map_err(Failure::refused)?;
    let database = config.database();
    let store = Store::open(StoreConfig {
        durability: config.durability,
        ..StoreConfig::new(database.clone())
    })
    .await
    .map_err(Failure::unusable)?;
    let done = import(&store, file, checked).await;
    store.close().await;
    match done? {
        Imported::Already(version) => {
            say!("nothing imported: version {version} in {database} is this catalog");
        }
        Imported::New {
            before,
            now,
            turned,
        } => {
            let before = before.map_or("none".to_owned(), |version| version.to_string());
            say!("catalog version {before} → {now} in {database}");
            for offer in turned.activated {
                say!("activated {offer}");
            }
            for offer in turned.darkened {
                say!("darkened {offer}");
            }
            say!(
                "a gateway that runs on it keeps the version it has until its next start or change"
            );
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
        turned: Turned,
    },
}

async fn import(store: &Store, file: &CatalogFile, checked: &Catalog) -> Result<Imported, Failure> {
    let engine = PolicyEngine::isolated(Guests::default()).map_err(Failure::unusable)?;
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
    let turned = Turned::between(&was, file);
    let next = NextCatalog {
        base: before.unwrap_or(0),
        file,
        turned: &turned,
        act: EventName::CatalogImported,
        about: json!({}),
        actor: ACTOR,
    };
    let added = bootstrap::add_catalog(store, next)
        .await
        .map_err(Failure::unusable)?;
    Ok(Imported::New {
        before,
        now: added.version,
        turned,
    })
}
