//! Noticing what another process has changed: every change of what is
//! controlled appends to the control chain.

use std::time::Duration;

use sqlx::postgres::PgListener;
use tokio::time::{sleep, timeout};

use super::audit::CONTROL_CHANNEL;
use super::on::On;
use super::{Store, StoreError, audit};

/// How often to look, whether or not there was word of a change.
const POLL: Duration = Duration::from_secs(2);

/// When a server that does not answer is asked again.
const LATE: Duration = Duration::from_secs(10);

/// Watches the head of the control chain.
pub struct ControlWatch {
    store: Store,
    /// The head that was told last.
    seen: i64,
    /// None where it could not be made, or was lost.
    listener: Option<PgListener>,
}

impl ControlWatch {
    /// From here on. Read what is controlled only after: then nothing is missed.
    pub async fn new(store: &Store) -> Result<Self, StoreError> {
        let mut watch = Self {
            store: store.clone(),
            seen: 0,
            listener: None,
        };
        watch.listen().await;
        watch.seen = audit::control_head(store).await?;
        Ok(watch)
    }

    /// The place in the control chain up to which everything is known.
    #[must_use]
    pub fn seen(&self) -> i64 {
        self.seen
    }

    /// Waits until the control chain is longer, and answers its new head. A
    /// change by this process counts too. In a file there is no other process:
    /// then it waits for ever. Nothing is lost where it is cut short.
    pub async fn changed(&mut self) -> i64 {
        if let On::Sqlite(_) = self.store.on() {
            return std::future::pending().await;
        }
        loop {
            let why = match timeout(LATE, audit::control_head(&self.store)).await {
                Ok(Ok(head)) if head > self.seen => {
                    self.seen = head;
                    return head;
                }
                Ok(Ok(_)) => {
                    self.word().await;
                    continue;
                }
                Ok(Err(error)) => error.to_string(),
                Err(late) => late.to_string(),
            };
            tracing::warn!(
                error = why,
                "cannot see whether another gateway changed anything"
            );
            sleep(POLL).await;
        }
    }

    /// Waits for word of a change, but not for long.
    async fn word(&mut self) {
        if self.listener.is_none() {
            self.listen().await;
        }
        let Some(listener) = &mut self.listener else {
            return sleep(POLL).await;
        };
        // Also where the connection was lost, and is there again: what was said
        // meanwhile is seen in the chain.
        if let Ok(Err(error)) = timeout(POLL, listener.try_recv()).await {
            tracing::warn!(%error, "no word from the database of what other gateways change; looking every {POLL:?}");
            self.listener = None;
        }
    }

    /// Has the server tell of changes.
    async fn listen(&mut self) {
        let On::Postgres(pool) = self.store.on() else {
            return;
        };
        let listener = async {
            let mut listener = PgListener::connect_with(pool).await?;
            listener.listen(CONTROL_CHANNEL).await?;
            Ok::<_, sqlx::Error>(listener)
        };
        match listener.await {
            Ok(listener) => self.listener = Some(listener),
            Err(error) => tracing::debug!(%error, "cannot listen to the database"),
        }
    }
}
