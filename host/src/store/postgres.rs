//! Connecting to a PostgreSQL server.

use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _, PgConnection, PgPool};
use tokio::time::timeout;

use super::config::{ACQUIRE, CONNECTIONS, Durability, StoreConfig};
use super::{Location, Server, StoreError};

/// The schema of this version.
pub(super) static MIGRATOR: Migrator = sqlx::migrate!("./migrations/postgres");

/// Begins a transaction that may write. The lock (of this database, held to the
/// end of the transaction) makes acts queue, as a SQLite file does; the number
/// is arbitrary. A process that hangs in an act does not hold up the others for
/// long.
pub(super) const BEGIN: &str = "BEGIN;
    SET LOCAL idle_in_transaction_session_timeout = '30s';
    SELECT pg_advisory_xact_lock(7017280452245743464)";

/// Begins a transaction that reads what is committed now.
pub(super) const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// After this a statement is given up: none of the gateway's takes as long.
const STATEMENT: Duration = Duration::from_secs(30);

/// The database with this version's schema. The database itself must be there.
pub(super) async fn open(server: &Server, config: &StoreConfig) -> Result<PgPool, StoreError> {
    // On a connection without timeouts: a migration, or another process's, may
    // take long.
    let mut first = connect(server.options(), server).await?;
    MIGRATOR.run(&mut first).await?;
    close(first).await;
    let ms = |time: Duration| time.as_millis().to_string();
    let mut options = server.options().clone().options([
        ("statement_timeout", ms(STATEMENT)),
        ("lock_timeout", ms(config.busy_timeout)),
    ]);
    // Otherwise as the server is set: a killed gateway loses nothing either way.
    if config.durability == Durability::PowerLoss {
        options = options.options([("synchronous_commit", "on")]);
    }
    let pool = PgPoolOptions::new()
        // One is the listener's.
        .max_connections(CONNECTIONS + 1)
        .acquire_timeout(ACQUIRE)
        .idle_timeout(Duration::from_secs(60));
    Ok(pool.connect_lazy_with(options))
}

/// The database, only to be read.
pub(super) async fn read_only(server: &Server) -> Result<PgPool, StoreError> {
    let options = server
        .options()
        .clone()
        .options([("default_transaction_read_only", "on")]);
    let mut first = connect(&options, server).await?;
    let table: Option<String> = sqlx::query_scalar("SELECT to_regclass('_sqlx_migrations')::text")
        .fetch_one(&mut first)
        .await?;
    close(first).await;
    if table.is_none() {
        return Err(StoreError::NoDatabase(Location::Server(server.clone())));
    }
    Ok(PgPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(ACQUIRE)
        .connect_lazy_with(options))
}

/// A connection of its own: unlike a pool it tells at once why there is none.
async fn connect(options: &PgConnectOptions, server: &Server) -> Result<PgConnection, StoreError> {
    let late = || sqlx::Error::Io(std::io::ErrorKind::TimedOut.into());
    timeout(ACQUIRE, options.connect())
        .await
        .unwrap_or_else(|_| Err(late()))
        .map_err(|source| StoreError::Connect {
            server: server.clone(),
            source,
        })
}

/// Nothing is lost where the server does not hear the goodbye.
async fn close(connection: PgConnection) {
    let _ = connection.close().await;
}
