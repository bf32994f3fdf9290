//! The start: from the store, or from nothing, to a set that decides.

use std::num::NonZeroUsize;
use std::sync::Arc;

use tokio::sync::{Mutex, mpsc};

use super::activate::{self, ActivateError, Word};
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
    /// How many founders have to sign; one where it is left out.
    pub founder_threshold: Option<NonZeroUsize>,
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
    let threshold = options.founder_threshold.unwrap_or(NonZeroUsize::MIN);
    let fixed_founders = founders::fixed(options.founder_keys.as_deref(), threshold)?;
    let library = Library::new(engine, store, is_model);
    let builtin = library.builtin().await?;
    let row = match generations::active(&library.store)
        .await
        .map_err(Internal::from)?
    {
        Some(row) => row,
        None => {
            match activate::commit(&library.store, 0, builtin, &Word::BuiltIn).await {
                // Another process started at the same time.
                Ok(_) | Err(ActivateError::Stale { .. }) => {}
                Err(error) => return Err(internal(error).into()),
            }
            latest(&library.store).await?
        }
    };
    let active = match library.generation(&row).await {
        Ok(active) => active,
        Err(error) => recover(&library, &row, builtin, error).await?,
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
        threshold,
        gate_held: wish == Wish::Held,
    });
    tokio::spawn(watch::run(Arc::downgrade(&lifecycle), alarms));
    Ok(lifecycle)
}

/// The active set cannot be used any more, on a new engine: the latest one
/// that can becomes the active one, in the end the reference set, even where that
/// is revoked: nothing else is left to decide.
async fn recover(
    library: &Library,
    row: &Row,
    builtin: Digests,
    error: LoadedError,
) -> Result<Generation, BootError> {
    tracing::error!(generation = row.generation, %error, "policy_set_unusable");
    let good = library.good(row.generation, history::digests(row)).await;
    let (set, word) = match good {
        Some((earlier, row)) => {
            let word = Word::Back {
                to: row.generation,
                actor: "host".to_owned(),
                faults: None,
            };
            (earlier.set, word)
        }
        None => {
            let set = library.set(builtin).await.map_err(BootError::NoSet)?;
            (set, Word::BuiltIn)
        }
    };
    let written = activate::commit(&library.store, row.generation, set.digests(), &word)
        .await
        .map_err(internal)?;
    Ok(Generation::new(written.generation, set))
}

async fn latest(store: &Store) -> Result<Row, Internal> {
    generations::active(store)
        .await?
        .ok_or(Internal::Store(StoreError::Missing { what: "generation" }))
}

fn internal(error: ActivateError) -> Internal {
    match error {
        ActivateError::Internal(internal) => internal,
        ActivateError::Stale { expected, actual } => StoreError::Stale {
            what: "generation",
            expected,
            actual,
        }
        .into(),
        ActivateError::Revoked | ActivateError::CatalogName(_) => {
            StoreError::Duplicate { what: "name" }.into()
        }
    }
}
