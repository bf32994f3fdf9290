//! Taking over what other gateways on the same database change: who may call
//! and administer, the catalog, the gates, the active generation.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::sync::watch::Receiver;

use crate::admin::Tokens;
use crate::bootstrap::{self, BootstrapError};
use crate::gateway::callers::Callers;
use crate::gateway::routes::Routes;
use crate::lifecycle::{FollowError, Lifecycle};
use crate::provider::SetupError;
use crate::store::listen::ControlWatch;
use crate::store::{Store, StoreError};

/// Between two tries of what failed.
const RETRY: Duration = Duration::from_secs(1);

/// What follows, and from where.
pub(super) struct Follower {
    pub(super) store: Store,
    pub(super) lifecycle: Arc<Lifecycle>,
    pub(super) callers: Arc<Callers>,
    pub(super) tokens: Arc<Tokens>,
    pub(super) routes: Arc<ArcSwap<Routes>>,
}

/// Why something was not taken over yet.
#[derive(Debug, thiserror::Error)]
enum NotFollowed {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Catalog(#[from] BootstrapError),
    #[error(transparent)]
    Providers(#[from] SetupError),
    #[error(transparent)]
    Policy(#[from] FollowError),
}

impl Follower {
    /// Follows until told to stop. What cannot be read is tried again; until
    /// then this gateway goes on with what it has.
    pub(super) async fn run(self, mut control: ControlWatch, mut stopped: Receiver<()>) {
        let follow = async {
            loop {
                let head = control.changed().await;
                while let Err(error) = self.follow().await {
                    tracing::warn!(head, %error, "control_not_followed");
                    tokio::time::sleep(RETRY).await;
                }
                tracing::debug!(head, "control_followed");
            }
        };
        tokio::select! {
            () = follow => {}
            // Told to stop, or nobody is left to tell.
            _ = stopped.changed() => {}
        }
    }

    async fn follow(&self) -> Result<(), NotFollowed> {
        // First what is taken away.
        self.callers.reload(&self.store).await?;
        self.tokens.reload(&self.store).await?;
        self.catalog().await?;
        Ok(self.lifecycle.follow().await?)
    }

    async fn catalog(&self) -> Result<(), NotFollowed> {
        let _held = self.lifecycle.hold().await;
        let now = self.routes.load();
        let Some(catalog) = bootstrap::newest_catalog(&self.store).await? else {
            return Ok(());
        };
        if catalog.version > now.catalog.version {
            let version = catalog.version;
            let routes = now.of(catalog, |name| std::env::var(name).ok())?;
            self.routes.store(Arc::new(routes));
            tracing::info!(version, "catalog_followed");
        }
        Ok(())
    }
}
