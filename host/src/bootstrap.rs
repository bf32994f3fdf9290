//! A first start: a tenant, an agent, its key, the admin token, the catalog.

use crate::catalog::Catalog;
use crate::catalog::{CatalogError, CatalogFile, DEFAULT};
use crate::config::Config;
use crate::record::audit::{self, AppendError, Event, EventName};
use crate::store::catalog::CatalogVersion;
use crate::store::tenancy::{self, Agent, AgentStatus, ApiKey, Tenant};
use crate::store::{
    AgentId, ApiKeyId, Digest, Key, Store, StoreError, TenantId, catalog, now_us, settings,
};

/// The setting that holds the admin token's SHA-256.
const ADMIN_TOKEN: &str = "admin_token_sha256";

/// Secrets that were made, to be shown once.
#[derive(Default)]
pub struct Made {
    /// The API key.
    pub api_key: Option<String>,
    /// The admin token.
    pub admin_token: Option<String>,
}

/// Why a first start cannot be finished.
#[derive(Debug, thiserror::Error)]
pub enum BootstrapError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The audit.
    #[error(transparent)]
    Audit(#[from] AppendError),
    /// The system gives no random bytes.
    #[error("the system gives no random bytes: {0}")]
    Random(#[from] getrandom::Error),
    /// The catalog file cannot be read.
    #[error("cannot read the catalog {0}: {1}")]
    Read(std::path::PathBuf, std::io::Error),
    /// The catalog cannot be taken.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The catalog cannot be stored or read back.
    #[error("the catalog cannot be stored: {0}")]
    Json(#[from] serde_json::Error),
}

/// Makes what a database without a tenant lacks. Gives the admin token's
/// digest, and the secrets that were made.
///
/// # Errors
/// If the database does not take it.
pub async fn tenancy(store: &Store, config: &Config) -> Result<(Digest, Made), BootstrapError> {
    let mut made = Made::default();
    let given = config
        .env
        .admin_token
        .as_deref()
        .map(|token| Digest::of(token.as_bytes()));
    let stored = settings::get(store, ADMIN_TOKEN)
        .await?
        .and_then(|bytes| Digest::try_from(bytes).ok());
    let first = tenancy::load(store).await?.tenants.is_empty();
    let token = match given.or(stored) {
        Some(token) => token,
        None => {
            let token = secret("adm_")?;
            let digest = Digest::of(token.as_bytes());
            made.admin_token = Some(token);
            digest
        }
    };
    if stored.is_some() && !first {
        return Ok((token, made));
    }
    let mut tx = store.begin().await?;
    settings::put(&mut tx, ADMIN_TOKEN, &token.0).await?;
    if first {
        let key = match &config.env.bootstrap_api_key {
            Some(key) => key.clone(),
            None => made.api_key.insert(secret("ak_")?).clone(),
        };
        let now = now_us();
        let (tenant, agent) = (TenantId(Key::random()?), AgentId(Key::random()?));
        let name = || "default".to_owned();
        tenancy::insert_tenant(
            &mut tx,
            &Tenant {
                id: tenant,
                name: name(),
                default_floor: None,
                created_us: now,
            },
        )
        .await?;
        let row = Agent {
            id: agent,
            tenant,
            name: name(),
            status: AgentStatus::Active,
            default_floor: None,
            allowed_models: None,
            created_us: now,
        };
        tenancy::insert_agent(&mut tx, &row).await?;
        let hash = Digest::of(key.as_bytes());
        let row = ApiKey {
            id: ApiKeyId(Key::random()?),
            agent,
            hash,
            created_us: now,
            revoked_us: None,
        };
        tenancy::insert_key(&mut tx, &row).await?;
    }
    tx.commit().await.map_err(StoreError::from)?;
    Ok((token, made))
}

/// The newest catalog, seeded where there is none. From then on the database
/// is the truth, whatever the file says.
///
/// # Errors
/// If the seed, or what is stored, cannot be taken.
pub async fn catalog(store: &Store, config: &Config) -> Result<Catalog, BootstrapError> {
    if let Some(version) = catalog::latest(store).await? {
        let file = serde_json::from_str(&version.body)?;
        return Ok(Catalog::new(version.version, file)?.made_at(version.at_us));
    }
    let text = match &config.catalog {
        None => DEFAULT.to_owned(),
        Some(path) => std::fs::read_to_string(path)
            .map_err(|error| BootstrapError::Read(path.clone(), error))?,
    };
    let file = CatalogFile::from_toml(&text)?;
    // Checked before it is stored.
    Catalog::new(1, file.clone())?;
    let version = add_catalog(store, 0, &file, &[], "first-start").await?;
    Ok(Catalog::new(version.version, file)?.made_at(version.at_us))
}

/// Adds `file`, which was checked, as the catalog version after `base`. The
/// offers that it activates are audited one by one.
///
/// # Errors
/// If the database does not take it, or `base` is not the newest version.
pub async fn add_catalog(
    store: &Store,
    base: i64,
    file: &CatalogFile,
    activated: &[String],
    actor: &str,
) -> Result<CatalogVersion, BootstrapError> {
    let body = serde_json_canonicalizer::to_string(file)?;
    let mut tx = store.begin().await?;
    let version = catalog::insert(&mut tx, base, now_us(), actor, &body).await?;
    let event = serde_json::json!({ "actor": actor, "version": version.version, "sha256": version.digest.to_string() });
    audit::append(&mut tx, &Event::new(EventName::CatalogImported, event)).await?;
    for offer in activated {
        let event =
            serde_json::json!({ "actor": actor, "offer": offer, "version": version.version });
        audit::append(&mut tx, &Event::new(EventName::OfferActivated, event)).await?;
    }
    tx.commit().await.map_err(StoreError::from)?;
    Ok(version)
}

/// 256 random bits with a prefix that says what they open.
fn secret(prefix: &str) -> Result<String, getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(format!("{prefix}{}", Digest(bytes)))
}
