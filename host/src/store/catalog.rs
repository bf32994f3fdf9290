//! Catalog versions. None is ever changed or deleted: decisions name them.

use super::on::run;
use super::{Digest, Store, StoreError, Tx};

/// A version of the catalog.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct CatalogVersion {
    /// 1 for the first.
    pub version: i64,
    /// When it was made; microseconds since the Unix epoch.
    pub at_us: i64,
    /// Who made it.
    pub actor: String,
    /// The catalog as JSON.
    pub body: String,
    /// SHA-256 of `body`.
    #[sqlx(try_from = "String")]
    pub digest: Digest,
}

/// Adds a version after `base`, the number of the latest one (0 for none), and
/// answers its number.
pub async fn insert(
    tx: &mut Tx,
    base: i64,
    at_us: i64,
    actor: &str,
    body: &str,
) -> Result<CatalogVersion, StoreError> {
    let latest: i64 = run!(
        tx,
        fetch_one,
        sqlx::query_scalar("SELECT coalesce(max(version), 0) FROM catalog_versions")
    )?;
    if latest != base {
        return Err(StoreError::Stale {
            what: "catalog version",
            expected: base,
            actual: latest,
        });
    }
    let version = CatalogVersion {
        version: latest + 1,
        at_us,
        actor: actor.to_owned(),
        body: body.to_owned(),
        digest: Digest::of(body.as_bytes()),
    };
    let sql = "INSERT INTO catalog_versions (version, at_us, actor, body, digest)
               VALUES ($1, $2, $3, $4, $5)";
    run!(
        tx,
        execute,
        sqlx::query(sql)
            .bind(version.version)
            .bind(at_us)
            .bind(actor)
            .bind(body)
            .bind(version.digest.to_string())
    )?;
    Ok(version)
}

/// The version in force; none before the first import.
pub async fn latest(store: &Store) -> Result<Option<CatalogVersion>, StoreError> {
    let sql = "SELECT version, at_us, actor, body, digest FROM catalog_versions
               ORDER BY version DESC LIMIT 1";
    Ok(run!(store, fetch_optional, sqlx::query_as(sql))?)
}

/// The version of this number.
pub async fn get(store: &Store, version: i64) -> Result<Option<CatalogVersion>, StoreError> {
    let sql = "SELECT version, at_us, actor, body, digest FROM catalog_versions WHERE version = $1";
    Ok(run!(
        store,
        fetch_optional,
        sqlx::query_as(sql).bind(version)
    )?)
}
