//! Opening a SQLite file.

use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;
use std::{fs, io};

use sqlx::SqlitePool;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use super::config::{ACQUIRE, CONNECTIONS, Durability, StoreConfig};
use super::{Location, StoreError};

/// The schema of this version.
pub(super) static MIGRATOR: Migrator = sqlx::migrate!("./migrations/sqlite");

/// The file with this version's schema. A new directory is readable by its
/// owner alone, a new file too.
pub(super) async fn open(path: &Path, config: &StoreConfig) -> Result<SqlitePool, StoreError> {
    prepare(path)?;
    let synchronous = match config.durability {
        Durability::Kill => SqliteSynchronous::Normal,
        Durability::PowerLoss => SqliteSynchronous::Full,
    };
    let options = SqliteConnectOptions::new()
        .filename(path)
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
    Ok(pool)
}

/// The file, only to be read. SQLite makes its index and an empty log beside it
/// where there are none.
pub(super) async fn read_only(path: &Path, config: &StoreConfig) -> Result<SqlitePool, StoreError> {
    if !path.is_file() {
        return Err(StoreError::NoDatabase(Location::File(path.to_owned())));
    }
    let options = SqliteConnectOptions::new()
        .filename(path)
        .read_only(true)
        .busy_timeout(config.busy_timeout);
    Ok(SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(ACQUIRE)
        .connect_with(options)
        .await?)
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
