//! A first start: a tenant, an agent, its key, the admin token, the catalog.

use crate::catalog::{Catalog, CatalogError, CatalogFile, DEFAULT, Turned};
use crate::config::Config;
use crate::record::audit::{self, AppendError, Event, EventName};
use crate::store::catalog::CatalogVersion;
use crate::store::keys::{self, ApiKey};
use crate::store::tenancy::{self, Agent, AgentStatus, Tenant};
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
    // In one act: of two gateways that start at once, one finds what the other
    // made.
    let mut tx = store.begin().await?;
    let stored = settings::get(&mut tx, ADMIN_TOKEN)
        .await?
        .and_then(|bytes| Digest::try_from(bytes).ok());
    let first = !tenancy::any(&mut tx).await?;
    let token = match given.or(stored) {
        Some(token) => token,
        None => {
            let token = admin_token()?;
            let digest = Digest::of(token.as_bytes());
            made.admin_token = Some(token);
            digest
        }
    };
    if stored.is_some() && !first {
        return Ok((token, made));
    }
    settings::put(&mut tx, ADMIN_TOKEN, &token.0).await?;
    if first {
        let key = match &config.env.bootstrap_api_key {
            Some(key) => key.clone(),
            None => made.api_key.insert(api_key()?).clone(),
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
                credit_limit_nanousd: None,
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
            call_cap_nanousd: None,
            day_cap_nanousd: None,
            created_us: now,
        };
        tenancy::insert_agent(&mut tx, &row).await?;
        let hash = Digest::of(key.as_bytes());
        let row = ApiKey {
            id: ApiKeyId(Key::random()?),
            agent,
            hash,
            prefix: made.api_key.as_deref().map(prefix),
            created_us: now,
            revoked_us: None,
            expires_us: None,
            requests_per_minute: None,
            burst: None,
        };
        keys::insert(&mut tx, &row).await?;
    }
    tx.commit().await.map_err(StoreError::from)?;
    Ok((token, made))
}

/// The newest catalog, where there is one.
///
/// # Errors
/// If what is stored cannot be read.
pub async fn newest_catalog(store: &Store) -> Result<Option<Catalog>, BootstrapError> {
    let Some(version) = catalog::latest(store).await? else {
        return Ok(None);
    };
    let file = serde_json::from_str(&version.body)?;
    let catalog = Catalog::new(version.version, file)?;
    Ok(Some(catalog.made_at(version.at_us)))
}

/// The newest catalog, seeded where there is none. From then on the database
/// is the truth, whatever the file says.
///
/// # Errors
/// If the seed, or what is stored, cannot be taken.
pub async fn catalog(store: &Store, config: &Config) -> Result<Catalog, BootstrapError> {
    if let Some(newest) = newest_catalog(store).await? {
        return Ok(newest);
    }
    let text = match &config.catalog {
        None => DEFAULT.to_owned(),
        Some(path) => std::fs::read_to_string(path)
            .map_err(|error| BootstrapError::Read(path.clone(), error))?,
    };
    let file = CatalogFile::read(&text)?;
    // Checked before it is stored.
    Catalog::new(1, file.clone())?;
    let next = NextCatalog {
        base: 0,
        file: &file,
        turned: &Turned::default(),
        act: EventName::CatalogImported,
        about: serde_json::json!({}),
        actor: "first-start",
    };
    match add_catalog(store, next).await {
        Ok(version) => Ok(Catalog::new(version.version, file)?.made_at(version.at_us)),
        // Another gateway that started at the same time was first.
        Err(BootstrapError::Store(stale @ StoreError::Stale { .. })) => {
            newest_catalog(store).await?.ok_or(stale.into())
        }
        Err(error) => Err(error),
    }
}

/// A version of the catalog to be added.
pub struct NextCatalog<'a> {
    /// The number of the newest one; 0 for none.
    pub base: i64,
    /// What it says, which was checked.
    pub file: &'a CatalogFile,
    /// What it does to the state of offers: audited one by one.
    pub turned: &'a Turned,
    /// What is done.
    pub act: EventName,
    /// What it is done to, for the audit: an object.
    pub about: serde_json::Value,
    /// Who does it.
    pub actor: &'a str,
}

/// Adds a version of the catalog.
///
/// # Errors
/// If the database does not take it, or the base is not the newest version.
pub async fn add_catalog(
    store: &Store,
    next: NextCatalog<'_>,
) -> Result<CatalogVersion, BootstrapError> {
    let NextCatalog {
        base,
        file,
        turned,
        act,
        mut about,
        actor,
    } = next;
    let body = serde_json_canonicalizer::to_string(file)?;
    let mut tx = store.begin().await?;
    let version = catalog::insert(&mut tx, base, now_us(), actor, &body).await?;
    if let Some(data) = about.as_object_mut() {
        data.insert("actor".to_owned(), actor.into());
        data.insert("sha256".to_owned(), version.digest.to_string().into());
        data.insert("version".to_owned(), version.version.into());
    }
    audit::append(&mut tx, &Event::new(act, about)).await?;
    let activated = turned
        .activated
        .iter()
        .map(|offer| (EventName::OfferActivated, offer));
    let darkened = turned
        .darkened
        .iter()
        .map(|offer| (EventName::OfferDarkened, offer));
    for (name, offer) in activated.chain(darkened) {
        let event =
            serde_json::json!({ "actor": actor, "offer": offer, "version": version.version });
        audit::append(&mut tx, &Event::new(name, event)).await?;
    }
    tx.commit().await.map_err(StoreError::from)?;
    Ok(version)
}

/// An agent's new key, which is shown once.
///
/// # Errors
/// If the system gives no random bytes.
pub fn api_key() -> Result<String, getrandom::Error> {
    secret("ak_")
}

/// A token of the admin API, which is shown once.
///
/// # Errors
/// If the system gives no random bytes.
pub fn admin_token() -> Result<String, getrandom::Error> {
    secret("adm_")
}

/// What of a key that was made here may be shown later: far too little to guess
/// the rest.
#[must_use]
pub fn prefix(key: &str) -> String {
    key.chars().take(11).collect()
}

/// 256 random bits with a prefix that says what they open.
fn secret(prefix: &str) -> Result<String, getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(format!("{prefix}{}", Digest(bytes)))
}
