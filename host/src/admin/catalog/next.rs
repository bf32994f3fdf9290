//! How a version of the catalog is made and comes into force.

use std::sync::Arc;

use http::StatusCode;
use serde_json::Value;

use super::{Changed, WithoutKey, read};
use crate::admin::auth::Caller;
use crate::admin::error::ApiError;
use crate::admin::{AdminState, act};
use crate::bootstrap::{self, BootstrapError, NextCatalog};
use crate::catalog::{Catalog, CatalogFile, OfferEntry, Turned};
use crate::gateway::routes::Routes;
use crate::provider::SetupError;
use crate::record::audit::EventName;
use crate::store::{StoreError, catalog};

/// What is asked for.
pub(super) struct Next {
    /// The version that the caller takes for the newest.
    pub(super) expected: Option<i64>,
    /// Who does it.
    pub(super) caller: Caller,
    /// What is done.
    pub(super) act: EventName,
    /// What it is done to, for the audit.
    pub(super) about: Value,
}

/// What came of it.
pub(super) struct Made {
    /// For the caller.
    pub(super) changed: Changed,
    /// The newest version.
    pub(super) file: CatalogFile,
}

/// Makes the newest version with `edit` done to it the next one. The next call
/// uses it.
pub(super) async fn change(
    state: AdminState,
    next: Next,
    edit: impl FnOnce(&mut CatalogFile) -> Result<(), ApiError> + Send + 'static,
) -> Result<Made, ApiError> {
    act::detached(async move {
        // One at a time; and no policy becomes active that routes a name which
        // this version takes.
        let _held = state.lifecycle.hold().await;
        let newest = catalog::latest(&state.store)
            .await?
            .ok_or(StoreError::Missing { what: "catalog" })?;
        if let Some(expected) = next.expected
            && expected != newest.version
        {
            return Err(stale(expected, newest.version));
        }
        let was = read(&newest)?;
        let mut file = was.clone();
        edit(&mut file)?;
        let same = text(&file)? == text(&was)?;
        let number = newest.version + i64::from(!same);
        let routes = check(&state, number, &file)?;
        let turned = Turned::between(&was, &file);
        let made_us = if same {
            newest.at_us
        } else {
            let next = NextCatalog {
                base: newest.version,
                file: &file,
                turned: &turned,
                act: next.act,
                about: next.about,
                actor: &next.caller.to_string(),
            };
            let version = bootstrap::add_catalog(&state.store, next).await;
            version.map_err(failed)?.at_us
        };
        let changed = Changed {
            version: number,
            changed: !same,
            activated: turned.activated,
            darkened: turned.darkened,
            without_key: without_key(&file),
        };
        // The newest version may be another process's import: it comes into
        // force with what is changed, or alone.
        if state.routes.load().catalog.version != number {
            state.routes.store(Arc::new(routes.made_at(made_us)));
            tracing::info!(version = number, "catalog_changed");
        }
        Ok(Made { changed, file })
    })
    .await
}

/// The routes by `file`, if it can be taken.
fn check(state: &AdminState, number: i64, file: &CatalogFile) -> Result<Routes, ApiError> {
    let refused = |code, why: String| ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, code, why);
    let catalog = Catalog::new(number, file.clone())
        .map_err(|error| refused("invalid_catalog", error.to_string()))?;
    if let Some(taken) = state.lifecycle.routes_any(|name| catalog.names(name)) {
        return Err(refused(
            "name_taken",
            format!("the catalog names a model `{taken}`, which the policy routes; rename it"),
        ));
    }
    let now = state.routes.load();
    let set_up = |error: SetupError| refused("invalid_catalog", error.to_string());
    // As if every key were set, so that every URL is looked at.
    let every_key = |_: &str| Some("set".to_owned());
    now.providers.of(&catalog, every_key).map_err(set_up)?;
    now.of(catalog, env).map_err(set_up)
}

/// The active offers of `file` that can't be called.
pub(super) fn without_key(file: &CatalogFile) -> Vec<WithoutKey> {
    let set = |name: &str| env(name).is_some_and(|key| !key.is_empty());
    let missing = |offer: &OfferEntry| {
        let key_env = file.providers.get(&offer.provider)?.key_env.clone()?;
        (offer.active && !set(&key_env)).then(|| WithoutKey {
            offer: offer.id(),
            key_env,
        })
    };
    file.offers.iter().filter_map(missing).collect()
}

fn env(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn text(file: &CatalogFile) -> Result<String, ApiError> {
    let text = serde_json_canonicalizer::to_string(file);
    text.map_err(|error| crate::lifecycle::Internal::from(error).into())
}

fn stale(expected: i64, newest: i64) -> ApiError {
    ApiError::new(
        StatusCode::PRECONDITION_FAILED,
        "stale",
        format!("the newest catalog version is {newest}, not {expected}; read it and try again"),
    )
}

fn failed(error: BootstrapError) -> ApiError {
    match error {
        BootstrapError::Store(StoreError::Stale {
            expected, actual, ..
        }) => stale(expected, actual),
        BootstrapError::Store(error) => error.into(),
        BootstrapError::Audit(error) => error.into(),
        other => {
            tracing::error!(error = %other, "admin_failed");
            ApiError::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal",
                other.to_string(),
            )
        }
    }
}
