//! Opening the database, and beginning transactions on it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::{PgPool, SqlitePool};

use super::on::{On, run};
use super::{Location, StoreError, Tx, postgres, sqlite};

/// Against what a commit is safe when it has been answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// A killed process loses nothing; a power cut may lose the last commits
    /// (SQLite's `synchronous=NORMAL`; PostgreSQL's `synchronous_commit` as
    /// the server has it).
    #[default]
    Kill,
    /// A power cut loses nothing: every commit waits for the disk (`FULL`; `on`).
    PowerLoss,
}

impl Durability {
    /// SQLite's word for it.
    #[must_use]
    pub fn synchronous(self) -> &'static str {
        match self {
            Self::Kill => "NORMAL",
            Self::PowerLoss => "FULL",
        }
    }
}

/// How to open the database.
#[derive(Clone, Debug)]
pub struct StoreConfig {
    /// Where it is. A file is made, with its directory, where it does not
    /// exist; a server's database must exist.
    pub location: Location,
    /// Against what commits are safe.
    pub durability: Durability,
    /// How long a statement waits for another's write lock.
    pub busy_timeout: Duration,
}

impl StoreConfig {
    /// The defaults, for this database.
    #[must_use]
    pub fn new(location: Location) -> Self {
        Self {
            location,
            durability: Durability::default(),
            busy_timeout: Duration::from_secs(5),
        }
    }

    /// The defaults, for this file.
    #[must_use]
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self::new(Location::File(path.into()))
    }

    /// The file, where it is one.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.location.file()
    }
}

/// Enough for the admin API and the reads of one's own records.
pub(super) const CONNECTIONS: u32 = 4;

/// How long a caller waits for a connection.
pub(super) const ACQUIRE: Duration = Duration::from_secs(5);

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
