//! How an act on tenants, agents and keys is made: one commit with its audit
//! event, and the gateway knows of it before the caller does.

use serde_json::Value;

use super::AdminState;
use super::auth::Caller;
use super::error::ApiError;
use crate::lifecycle::Internal;
use crate::record::audit::{self, Event};
use crate::store::{StoreError, Tx};

/// Commits `tx` with its event, which says that the caller did it, and has the
/// next call see it.
pub(super) async fn commit(
    state: &AdminState,
    caller: &Caller,
    mut tx: Tx,
    mut event: Event<Value>,
) -> Result<(), ApiError> {
    if let Some(data) = event.data.as_object_mut() {
        data.insert("actor".to_owned(), caller.to_string().into());
    }
    audit::append(&mut tx, &event).await?;
    tx.commit().await.map_err(StoreError::from)?;
    Ok(state.callers.reload(&state.store).await?)
}

/// Runs `act` to its end, so that a caller who goes away does not stop it
/// between commit and memory.
pub(super) async fn detached<T: Send + 'static>(
    act: impl Future<Output = Result<T, ApiError>> + Send + 'static,
) -> Result<T, ApiError> {
    tokio::spawn(act).await.map_err(Internal::from)?
}
