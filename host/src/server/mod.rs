//! The whole gateway: start, two listeners, drain.

mod follow;
mod listener;

use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use tokio::net::TcpListener;
use tokio::sync::watch;

use follow::Follower;

use crate::admin::{self, AdminState, Quotas, Tokens};
use crate::audit::{self, Keeper};
use crate::bootstrap::{self, BootstrapError, Made};
use crate::config::Config;
use crate::gateway::callers::Callers;
use crate::gateway::metrics::Metrics;
use crate::gateway::routes::Routes;
use crate::gateway::{self, Gateway, Rulesets, idempotency};
use crate::lifecycle;
use crate::policy::PolicyEngine;
use crate::policy::compile::cache::{Cache, CacheError};
use crate::record::{Records, RecordsConfig};
use crate::routing::Breakers;
use crate::store::listen::ControlWatch;
use crate::store::{Location, Store, StoreConfig};
use crate::telemetry::otlp::{Otlp, OtlpError};

/// Why the gateway does not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// An address is taken, or not ours.
    #[error(
        "cannot listen on {0}: {1}; is another instance running? set AINFERA_LISTEN or AINFERA_ADMIN_LISTEN"
    )]
    Listen(std::net::SocketAddr, std::io::Error),
    /// The database cannot be opened.
    #[error("cannot open the database {0}: {1}")]
    Open(Location, crate::store::StoreError),
    /// The catalog offers a model under a routing target's name.
    #[error("the catalog names a model `{0}`, which the active policy routes; rename it")]
    TargetTaken(String),
    /// The first start.
    #[error(transparent)]
    Bootstrap(#[from] BootstrapError),
    /// The database.
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
    /// The records.
    #[error(transparent)]
    Records(#[from] crate::record::StartError),
    /// The key that signs the audit's checkpoints.
    #[error("cannot use the key of the audit's checkpoints: {0}")]
    HostKey(#[from] audit::key::HostKeyError),
    /// The WebAssembly engine.
    #[error(transparent)]
    Engine(#[from] crate::policy::engine::EngineError),
    /// The folder of compiled code.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// The policy.
    #[error(transparent)]
    Policy(#[from] lifecycle::BootError),
    /// The providers.
    #[error(transparent)]
    Providers(#[from] crate::provider::SetupError),
    /// The export of traces and metrics.
    #[error(transparent)]
    Otlp(#[from] OtlpError),
}

/// Serves until SIGTERM or SIGINT, then drains.
///
/// # Errors
/// If it cannot start; the text says what to do.
pub async fn run(config: Config) -> Result<(), ServeError> {
    let client_listener = bind(config.listen).await?;
    let admin_listener = bind(config.admin_listen).await?;
    let database = config.database();
    let store = Store::open(StoreConfig {
        durability: config.durability,
        ..StoreConfig::new(database.clone())
    })
    .await
    .map_err(|error| ServeError::Open(database, error))?;
    // Before anything is read: what changes from now on is followed.
    let control = ControlWatch::new(&store).await?;
    let (token, made) = bootstrap::tenancy(&store, &config).await?;
    let catalog = bootstrap::catalog(&store, &config).await?;
    let options = lifecycle::Options {
        preference_live: config.env.routing_preference_live.clone(),
        founder_keys: config.env.founder_keys.clone(),
        founder_threshold: Some(config.founder_threshold),
    };
    let breakers = Breakers::new(config.breaker);
    let env = |name: &str| std::env::var(name).ok();
    let routes = Routes::new(catalog, env, config.timeouts, breakers)?;
    let routes = Arc::new(ArcSwap::from_pointee(routes));
    let models = Arc::clone(&routes);
    let is_model = Arc::new(move |name: &str| models.load().catalog.names(name));
    let engine = PolicyEngine::with_cache(config.guests, Cache::open(&config.data_dir)?)?;
    let lifecycle = lifecycle::start(engine, store.clone(), is_model, &options).await?;
    let policy = Arc::clone(lifecycle.active());
    if let Some(taken) = policy
        .load()
        .active
        .set
        .names()
        .find(|name| routes.load().catalog.names(name))
    {
        return Err(ServeError::TargetTaken(taken.to_owned()));
    }
    let providers = Arc::clone(&routes);
    let addresses = Arc::new(move |provider: &str| {
        let routes = providers.load();
        let (host, port) = routes.providers.address(provider)?;
        Some((host.to_owned(), port))
    });
    let otlp = Otlp::start(config.otlp, addresses)?;
    let records = Records::start(
        RecordsConfig {
            max_open_calls: config.max_open_calls,
        },
        &store,
        otlp.clone(),
    )
    .await?;
    let callers = Arc::new(Callers::load(&store, config.rate).await?);
    let tokens = Arc::new(Tokens::load(&store, token).await?);
    let gateway = Arc::new(Gateway {
        policy,
        routes: Arc::clone(&routes),
        callers: Arc::clone(&callers),
        metrics: Metrics::new(&records, &otlp),
        records: records.clone(),
        store: store.clone(),
        limits: config.limits,
        idempotency: config.idempotency,
        rulesets: Rulesets::default(),
    });
    // After the records' start, which only one process gets through.
    let key = audit::key::read_or_make(&config.data_dir)?;
    let keeper = Keeper::new(store.clone(), key);
    // Before anybody is told that it listens, and may stop it.
    let termination = listener::termination();
    announce(&made, &client_listener, &admin_listener);
    let (stop, stopped) = watch::channel(());
    let clients = listener::Listener {
        header_timeout: config.header_timeout,
        drain: config.drain,
    };
    let client = clients.serve(client_listener, gateway::router(gateway), stopped.clone());
    let follower = Follower {
        store: store.clone(),
        lifecycle: Arc::clone(&lifecycle),
        callers: Arc::clone(&callers),
        tokens: Arc::clone(&tokens),
        routes: Arc::clone(&routes),
    };
    let follower = follower.run(control, stopped.clone());
    let admin = AdminState {
        lifecycle,
        store: store.clone(),
        records: records.clone(),
        callers,
        routes,
        quotas: Arc::new(Quotas::new(config.sandbox)),
        works: Arc::default(),
        tokens,
    };
    let cleaner = idempotency::clean(&store, stopped.clone());
    let checkpoints = keeper.run(config.checkpoint, stopped.clone());
    let admin = clients.serve(admin_listener, admin::router(admin), stopped);
    let signal = async move {
        termination.await;
        tracing::info!("draining");
        drop(stop);
        Instant::now() + config.drain
    };
    let (mut client, mut admin, limit, ..) =
        tokio::join!(client, admin, signal, checkpoints, cleaner, follower);
    ended(&records, limit).await;
    // Who is still there has waited long enough; what was used is recorded.
    records.cut();
    client.shutdown().await;
    admin.shutdown().await;
    ended(&records, Instant::now() + CUT).await;
    records.stop().await;
    keeper.make_or_say().await;
    store.close().await;
    otlp.stop().await;
    Ok(())
}

/// How long calls take to notice that their connection was cut.
const CUT: Duration = Duration::from_millis(500);

/// Waits for the ends of calls that are open: those with an idempotency key go
/// on without a client.
async fn ended(records: &Records, limit: Instant) {
    while records.stats().pending > 0 && Instant::now() < limit {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn bind(address: std::net::SocketAddr) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address)
        .await
        .map_err(|error| ServeError::Listen(address, error))
}

/// Shows new secrets once, and where to call.
fn announce(made: &Made, client: &TcpListener, admin: &TcpListener) {
    let secrets = [
        ("AINFERA_API_KEY", &made.api_key),
        ("AINFERA_ADMIN_TOKEN", &made.admin_token),
    ];
    if secrets.iter().any(|(_, secret)| secret.is_some()) {
        println!("first start: keep these, they are not shown again");
        for (name, secret) in secrets {
            if let Some(secret) = secret {
                println!("export {name}={secret}");
            }
        }
    }
    if let (Ok(client), Ok(admin)) = (client.local_addr(), admin.local_addr()) {
        println!("listening client=http://{client} admin=http://{admin}");
    }
}
