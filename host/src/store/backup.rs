//! A copy of the database file as of one moment, whoever writes to it meanwhile.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{self, Path, PathBuf};

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _};

/// Why there is no copy. What was begun of it is removed.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// Nothing to copy.
    #[error("there is no database at {}; name its directory with AINFERA_DATA_DIR, or its configuration with --config", .0.display())]
    NoDatabase(PathBuf),
    /// Something that might be an earlier copy.
    #[error("{} is there already; name another file, or remove it", .0.display())]
    Exists(PathBuf),
    /// The file could not be written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The database could not be read, or the copy not be written.
    #[error("the database was not copied: {0}")]
    Database(#[from] sqlx::Error),
}

/// Copies the database file at `from` to `to`, a new file (0600) that is on the disk
/// when this returns. It holds what is committed when the copy begins. Writers do not
/// wait; the write-ahead log can't begin anew until it ends.
///
/// # Errors
/// If there is no such database, `to` is there already, or it can't be written.
pub async fn copy(from: &Path, to: &Path) -> Result<(), BackupError> {
    if !from.is_file() {
        return Err(BackupError::NoDatabase(from.to_path_buf()));
    }
    let failed = |source| BackupError::File {
        path: to.to_path_buf(),
        source,
    };
    // From the root, since SQLite may read other names as URLs.
    let absolute = path::absolute(to).map_err(failed)?;
    let name = absolute
        .to_str()
        .ok_or_else(|| failed(io::ErrorKind::InvalidFilename.into()))?;
    // SQLite fills an empty file, and refuses any other.
    let mut new = OpenOptions::new();
    new.write(true).create_new(true).mode(0o600);
    match new.open(to) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return Err(BackupError::Exists(to.to_path_buf()));
        }
        opened => drop(opened.map_err(failed)?),
    }
    let copied = match vacuum(from, name).await {
        Ok(()) => settle(to).map_err(failed),
        Err(error) => Err(error.into()),
    };
    if copied.is_err() {
        let _ = fs::remove_file(to);
    }
    copied
}

async fn vacuum(from: &Path, to: &str) -> Result<(), sqlx::Error> {
    let options = SqliteConnectOptions::new().filename(from).read_only(true);
    let mut connection: SqliteConnection = options.connect().await?;
    let copied = sqlx::query("VACUUM INTO ?")
        .bind(to)
        .execute(&mut connection)
        .await;
    connection.close().await?;
    copied.map(|_| ())
}

/// Has the disk keep the file and its name.
fn settle(path: &Path) -> io::Result<()> {
    fs::File::open(path)?.sync_all()?;
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    fs::File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
}
