//! `ainfera smoke`: whether providers answer, and how.
//!
//! Calls each provider through the gateway's own adapters, with the key that a
//! gateway would use, and prints what came of it as JSON. A failure is JSON too.

mod call;
mod problem;
mod report;
mod target;

use std::env;
use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use super::configured::ConfigArgs;
use super::failure::Failure;
use super::show;
use crate::catalog::{Catalog, CatalogFile, DEFAULT};
use crate::config::Config;
use problem::Problem;
use report::{Connection, Report};
use target::Target;

#[derive(Debug, clap::Args)]
pub(super) struct SmokeArgs {
    /// A provider of the catalog; may be given several times
    #[arg(long = "provider", value_name = "NAME")]
    providers: Vec<String>,
    /// The model: a slug, an offer's id, or the provider's own name for it; else
    /// the provider's cheapest
    #[arg(long, value_name = "M")]
    model: Option<String>,
    /// Where the one provider is, instead of where the catalog says
    #[arg(long, value_name = "U")]
    base_url: Option<String>,
    /// The catalog, TOML or JSON; else the configured one, else the built-in one
    #[arg(long, value_name = "PATH")]
    catalog: Option<PathBuf>,
    #[command(flatten)]
    config: ConfigArgs,
}

pub(super) async fn run(args: &SmokeArgs) -> Result<(), Failure> {
    let (config, file) = match prepare(args) {
        Ok(prepared) => prepared,
        Err(problem) => {
            show::json(&serde_json::json!({"ok": false, "error": problem}))?;
            return Err(Failure::unusable(problem.message));
        }
    };
    let mut reports = Vec::with_capacity(args.providers.len());
    for provider in &args.providers {
        reports.push(test(args, &config, &file, provider).await?);
    }
    let failed = reports.iter().filter(|report| !report.ok).count();
    let mut shown: Vec<Value> = reports.into_iter().map(|report| report.shown).collect();
    match shown.pop() {
        Some(only) if shown.is_empty() => show::json(&only)?,
        last => {
            shown.extend(last);
            show::json(&Value::Array(shown))?;
        }
    }
    if failed > 0 {
        let all = args.providers.len();
        return Err(Failure::refused(format!(
            "{failed} of {all} providers failed; the report says how"
        )));
    }
    Ok(())
}

/// The configuration and the catalog, which is checked.
fn prepare(args: &SmokeArgs) -> Result<(Config, CatalogFile), Problem> {
    let config = args.config.load().map_err(Problem::config)?;
    let path = args.catalog.as_ref().or(config.catalog.as_ref());
    let text = match path {
        None => DEFAULT.to_owned(),
        Some(path) => fs::read_to_string(path)
            .map_err(|error| Problem::catalog(format!("{}: {error}", path.display())))?,
    };
    let file = CatalogFile::read(&text).map_err(Problem::catalog)?;
    Catalog::new(0, file.clone()).map_err(Problem::catalog)?;
    if args.providers.is_empty() {
        return Err(Problem::no_provider(file.providers.keys()));
    }
    if args.base_url.is_some() && args.providers.len() > 1 {
        return Err(Problem::one_base_url());
    }
    Ok((config, file))
}

struct Tested {
    ok: bool,
    shown: Value,
}

async fn test(
    args: &SmokeArgs,
    config: &Config,
    file: &CatalogFile,
    provider: &str,
) -> Result<Tested, Failure> {
    let (model, base_url) = (args.model.as_deref(), args.base_url.as_deref());
    let env = |name: &str| env::var(name).ok();
    let report = match Target::new(file, provider, model, base_url, &env) {
        Err(problem) => Report::impossible(provider, problem),
        Ok(target) => measure(&target, config, provider).await,
    };
    let mut shown = serde_json::to_value(&report)?;
    let key = file
        .providers
        .get(provider)
        .and_then(|venue| env(venue.key_env.as_deref()?))
        .filter(|key| !key.is_empty());
    if let Some(key) = key {
        hide(&mut shown, &key);
    }
    Ok(Tested {
        ok: report.ok,
        shown,
    })
}

/// Two calls over one connection, the first of which makes it: streamed and
/// not.
async fn measure(target: &Target, config: &Config, provider: &str) -> Report {
    let mut calls = Vec::with_capacity(4);
    for stream in [false, true] {
        let providers = match target.providers(config.timeouts) {
            Ok(providers) => providers,
            Err(problem) => return Report::impossible(provider, problem),
        };
        for connection in [Connection::Cold, Connection::Warm] {
            calls.push(call::make(&providers, &target.offer, stream, connection).await);
        }
    }
    Report::of(provider, &target.offer, calls)
}

/// A provider may repeat the key in its words: nobody gets to see it.
fn hide(shown: &mut Value, key: &str) {
    match shown {
        Value::String(text) if text.contains(key) => *text = text.replace(key, "[key]"),
        Value::Array(items) => items.iter_mut().for_each(|item| hide(item, key)),
        Value::Object(fields) => fields.values_mut().for_each(|value| hide(value, key)),
        _ => {}
    }
}
