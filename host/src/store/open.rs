//! Opening the database file.

use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, io};

use sqlx::SqlitePool;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use super::{StoreError, Tx};

/// Against what a commit is safe when it has been answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// A killed process loses nothing; a power cut may lose the last commits
    /// (SQLite's `synchronous=NORMAL`).
    #[default]
    Kill,
    /// A power cut loses nothing: every commit waits for the disk (`FULL`).
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
    /// The database file; made, with its directory, where it does not exist.
    pub path: PathBuf,
    /// Against what commits are safe.
    pub durability: Durability,
    /// How long a statement waits for another's write lock.
    pub busy_timeout: Duration,
}

impl StoreConfig {
    /// The defaults, for this file.
    #[must_use]
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            durability: Durability::default(),
            busy_timeout: Duration::from_secs(5),
        }
    }
}

/// Enough for the admin API and the reads of one's own records.
const CONNECTIONS: u32 = 4;

/// The schema of this version.
static MIGRATOR: Migrator = sqlx::migrate!("./migrations/sqlite");

/// How long a caller waits for a connection.
const ACQUIRE: Duration = Duration::from_secs(5);

/// The database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    pool: SqlitePool,
    config: StoreConfig,
}

impl Store {
    /// Opens the database and brings its schema up to this version. A new
    /// directory is readable by its owner alone, a new file too.
    pub async fn open(config: StoreConfig) -> Result<Self, StoreError> {
        prepare(&config.path)?;
        let synchronous = match config.durability {
            Durability::Kill => SqliteSynchronous::Normal,
            Durability::PowerLoss => SqliteSynchronous::Full,
        };
        let options = SqliteConnectOptions::new()
            .filename(&config.path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(synchronous)
            .busy_timeout(config.busy_timeout)
            .foreign_keys(true)
            // Checkpoints are made off everyone's commit path, by `record`.
            .pragma("wal_autocheckpoint", "0");
        let pool = SqlitePoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(ACQUIRE)
            .idle_timeout(Duration::from_secs(60))
            .connect_with(options)
            .await?;
        MIGRATOR.run(&pool).await?;
        Ok(Self { pool, config })
    }

    /// Opens a database that is there, to read what is committed, whether a
    /// gateway runs on it or not. Nothing is migrated or written; SQLite makes
    /// its index and an empty log beside the file where there are none.
    pub async fn read_only(path: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let config = StoreConfig::at(path);
        if !config.path.is_file() {
            return Err(StoreError::NoDatabase(config.path));
        }
        let options = SqliteConnectOptions::new()
            .filename(&config.path)
            .read_only(true)
            .busy_timeout(config.busy_timeout);
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(ACQUIRE)
            .connect_with(options)
            .await?;
        let found: Option<i64> = sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations")
            .fetch_one(&pool)
            .await?;
        let expected = MIGRATOR.iter().map(|migration| migration.version).max();
        if found != expected {
            let path = config.path;
            return Err(StoreError::OtherSchema { path });
        }
        Ok(Self { pool, config })
    }

    /// Begins a transaction that may write. Dropped without a commit, it
    /// changes nothing. Calls can't be recorded meanwhile: prepare everything
    /// before, and commit soon.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        Ok(self.pool.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// Begins a transaction that only reads: what is committed now, whatever is
    /// written meanwhile. The write-ahead log can't begin anew until it ends.
    pub async fn snapshot(&self) -> Result<Tx, StoreError> {
        Ok(self.pool.begin().await?)
    }

    /// How it was opened.
    #[must_use]
    pub fn config(&self) -> &StoreConfig {
        &self.config
    }

    /// Waits for what runs, and closes the connections.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    pub(super) fn pool(&self) -> &SqlitePool {
        &self.pool
    }
}

/// Makes the directory (0700) and the file (0600) where they are missing;
/// SQLite gives its `-wal` and `-shm` files the mode of the database.
fn prepare(path: &Path) -> Result<(), StoreError> {
    let failed = |path: &Path| {
        let path = path.to_path_buf();
        move |source| StoreError::Prepare { path, source }
    };
    if let Some(directory) = path.parent().filter(|d| !d.as_os_str().is_empty()) {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true).mode(0o700);
        builder.create(directory).map_err(failed(directory))?;
    }
    // Only where there is none: the close of any descriptor of a file drops the
    // locks (fcntl) of the whole process on it, and so those of open connections.
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    match options.open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(failed(path)(error)),
        _ => Ok(()),
    }
}
