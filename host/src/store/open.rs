//! Opening the database, and beginning transactions on it.

use sqlx::{PgPool, SqlitePool};

use super::config::StoreConfig;
use super::on::{On, run};
use super::{Location, StoreError, Tx, postgres, sqlite};

/// The database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    pool: On<SqlitePool, PgPool>,
    config: StoreConfig,
}

impl Store {
    /// Opens the database and brings its schema up to this version.
    pub async fn open(config: StoreConfig) -> Result<Self, StoreError> {
        let pool = match &config.location {
            Location::File(path) => On::Sqlite(sqlite::open(path, &config).await?),
            Location::Server(server) => On::Postgres(postgres::open(server, &config).await?),
        };
        Ok(Self { pool, config })
    }

    /// Opens a database that is there, to read what is committed, whether a
    /// gateway runs on it or not. Nothing is migrated or written.
    pub async fn read_only(location: Location) -> Result<Self, StoreError> {
        let config = StoreConfig::new(location);
        let (pool, migrator) = match &config.location {
            Location::File(path) => {
                let pool = sqlite::read_only(path, &config).await?;
                (On::Sqlite(pool), &sqlite::MIGRATOR)
            }
            Location::Server(server) => {
                let pool = postgres::read_only(server).await?;
                (On::Postgres(pool), &postgres::MIGRATOR)
            }
        };
        let store = Self { pool, config };
        let sql = "SELECT max(version) FROM _sqlx_migrations";
        let found: Option<i64> = run!(store, fetch_one, sqlx::query_scalar(sql))?;
        let expected = migrator.iter().map(|migration| migration.version).max();
        if found != expected {
            return Err(StoreError::OtherSchema(store.config.location));
        }
        Ok(store)
    }

    /// Begins a transaction that may write. It holds the database's one lock
    /// from its beginning, so that two of them queue and never deadlock, also
    /// those of other processes. In a SQLite file calls can't be recorded
    /// meanwhile: prepare everything before, and commit soon.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        Ok(Tx(match &self.pool {
            On::Sqlite(pool) => On::Sqlite(pool.begin_with("BEGIN IMMEDIATE").await?),
            On::Postgres(pool) => On::Postgres(pool.begin_with(postgres::BEGIN).await?),
        }))
    }

    /// Begins a transaction that only reads: what is committed now, whatever is
    /// written meanwhile. SQLite's write-ahead log can't begin anew until it
    /// ends.
    pub async fn snapshot(&self) -> Result<Tx, StoreError> {
        Ok(Tx(match &self.pool {
            On::Sqlite(pool) => On::Sqlite(pool.begin().await?),
            On::Postgres(pool) => On::Postgres(pool.begin_with(postgres::SNAPSHOT).await?),
        }))
    }

    /// How it was opened.
    #[must_use]
    pub fn config(&self) -> &StoreConfig {
        &self.config
    }

    /// Waits for what runs, and closes the connections.
    pub async fn close(&self) {
        match &self.pool {
            On::Sqlite(pool) => pool.close().await,
            On::Postgres(pool) => pool.close().await,
        }
    }

    pub(super) fn on(&self) -> On<&SqlitePool, &PgPool> {
        match &self.pool {
            On::Sqlite(pool) => On::Sqlite(pool),
            On::Postgres(pool) => On::Postgres(pool),
        }
    }
}
