//! What can fail in every act.

use crate::record::audit::AppendError;
use crate::store::StoreError;

/// A failure that is nobody's mistake: the act left no trace.
#[derive(Debug, thiserror::Error)]
pub enum Internal {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The audit event.
    #[error(transparent)]
    Audit(#[from] AppendError),
    /// No random numbers.
    #[error("the system gives no random numbers: {0}")]
    Random(#[from] getrandom::Error),
    /// Something could not be written as JSON.
    #[error("cannot write JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// No thread for it.
    #[error("the system gives no thread: {0}")]
    Thread(#[from] std::io::Error),
    /// The compiler could not be run: the component may be good.
    #[error("{0}")]
    Compiler(String),
    /// Work on a thread of its own panicked.
    #[error("the work panicked; the log says where")]
    Panicked(#[from] tokio::sync::oneshot::error::RecvError),
    /// The act was cut short: it panicked, or the gateway is stopping.
    #[error("the act was cut short: {0}")]
    CutShort(#[from] tokio::task::JoinError),
}

impl From<sqlx::Error> for Internal {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}
