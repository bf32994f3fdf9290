//! The start: from the store, or from nothing, to a set that decides.

use std::sync::Arc;

use tokio::sync::{Mutex, mpsc};

use super::activate::{self, Word};
use super::builtin::BuiltinError;
use super::error::Internal;
use super::founders::{self, FoundersError};
use super::gates::{BadWish, Wish};
use super::history;
use super::library::{IsModel, Library};
use super::load::LoadedError;
use super::sandbox::Sandbox;
use super::service::Lifecycle;
use super::shadow::Latest;
use super::watch;
use crate::policy::set::Digests;
use crate::policy::{Active, Generation, PolicyEngine, Snapshot};
use crate::store::generations::{self, Generation as Row};
use crate::store::{Store, StoreError};

/// Alarms that may wait: a generation raises one at most, and one is handled
/// within milliseconds.
const ALARMS: usize = 4;

/// What the operator says.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// `AINFERA_ROUTING_PREFERENCE_LIVE`: `1` opens the gate unless it was ever
    /// set, `0` keeps it closed.
    pub preference_live: Option<String>,
    /// `AINFERA_FOUNDER_KEYS`: PEM public keys, or the path of a file of them.
    /// Where set, they are the founders.
    pub founder_keys: Option<String>,
}

/// Why the gateway cannot start.
#[derive(Debug, thiserror::Error)]
pub enum BootError {
    /// The gate's variable.
    #[error(transparent)]
    Gate(#[from] BadWish),
    /// The founders' variable.
    #[error(transparent)]
    Founders(#[from] FoundersError),
    /// The reference set.
    #[error(transparent)]
    Builtin(#[from] BuiltinError),
    /// Not even the reference set can be loaded.
    #[error("no policy set can be loaded: {0}")]
    NoSet(LoadedError),
    /// The database.
    #[error(transparent)]
    Internal(#[from] Internal),
}

/// Loads what was active, or activates the reference set at first start.
/// `is_model` tells the names of the catalog, now and later.
///
/// # Errors
/// If an option is not valid, the database does not answer, or no set loads.
pub async fn start(
    engine: PolicyEngine,
    store: Store,
    is_model: IsModel,
    options: &Options,
) -> Result<Arc<Lifecycle>, BootError> {
    let wish = Wish::read(options.preference_live.as_deref())?;
    let fixed_founders = founders::fixed(options.founder_keys.as_deref())?;
    let library = Library::new(engine, store, is_model);
    let builtin = library.builtin().await?;
    let row = match generations::active(&library.store)
        .await
        .map_err(Internal::from)?
    {
        Some(row) => row,
        None => {
            activate::commit(&library.store, 0, builtin, &Word::BuiltIn)
                .await
                .map_err(internal)?;
            latest(&library.store).await?
        }
    };
    let earlier = history::good(&library.store, row.generation, history::digests(&row))
        .await
        .map_err(Internal::from)?;
    let active = match library.generation(&row).await {
        Ok(active) => active,
        Err(error) => recover(&library, &row, &earlier, builtin, error).await?,
    };
    let last_good = library.last_good(&active).await;
    let gates = wish.gates(&library.store).await?;
    let (alarm, alarms) = mpsc::channel(ALARMS);
    let active = Arc::new(Active::new(
        Snapshot {
            active: Arc::new(active),
            last_good,
            gates,
            shadow: None,
        },
        alarm,
    ));
    let lifecycle = Arc::new(Lifecycle {
        library,
        active,
        turn: Mutex::new(()),
        sandbox: Sandbox::default(),
        shadow: Latest::default(),
        fixed_founders,
        gate_held: wish == Wish::Held,
    });
    tokio::spawn(watch::run(Arc::downgrade(&lifecycle), alarms));
    Ok(lifecycle)
}

/// The active set cannot be used any more, on a new engine: the latest one
/// that can becomes the active one, in the end the reference set.
async fn recover(
    library: &Library,
    row: &Row,
    earlier: &[Row],
    builtin: Digests,
    error: LoadedError,
) -> Result<Generation, BootError> {
    tracing::error!(generation = row.generation, %error, "policy_set_unusable");
    let candidates = earlier
        .iter()
        .map(|row| (row.generation, history::digests(row)))
        .chain([(row.generation, builtin)]);
    let mut why = error;
    for (to, digests) in candidates {
        match library.set(digests).await {
            Ok(set) => {
                let word = Word::Back {
                    to,
                    actor: "host".to_owned(),
                    faults: None,
                };
                let (number, _) = activate::commit(&library.store, row.generation, digests, &word)
                    .await
                    .map_err(internal)?;
                return Ok(Generation::new(number, set));
            }
            Err(error) => why = error,
        }
    }
    Err(BootError::NoSet(why))
}

async fn latest(store: &Store) -> Result<Row, Internal> {
    generations::active(store)
        .await?
        .ok_or(Internal::Store(StoreError::Missing { what: "generation" }))
}

fn internal(error: activate::ActivateError) -> Internal {
    match error {
        activate::ActivateError::Internal(internal) => internal,
        activate::ActivateError::Stale { expected, actual } => StoreError::Stale {
            what: "generation",
            expected,
            actual,
        }
        .into(),
        activate::ActivateError::NonceUsed | activate::ActivateError::CatalogName(_) => {
            StoreError::Duplicate { what: "name" }.into()
        }
    }
}
