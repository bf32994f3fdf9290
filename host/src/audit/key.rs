//! The host's own Ed25519 key, by which checkpoints are signed: a file beside
//! the database, not in it, so that who can write to the one can't sign.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use ed25519_dalek::SigningKey;

use crate::lifecycle::keys::{self, FounderKey, GenerateError, KeyError};

/// Its name in the data directory.
const FILE: &str = "audit-key.pem";

/// Why there is no key to sign with.
#[derive(Debug, thiserror::Error)]
pub enum HostKeyError {
    /// The file cannot be read or made.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file holds no key.
    #[error("{}: {source}", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: KeyError,
    },
    /// A new one cannot be made.
    #[error(transparent)]
    Generate(#[from] GenerateError),
}

/// The key file of a data directory.
#[must_use]
pub fn path(data_dir: &Path) -> PathBuf {
    data_dir.join(FILE)
}

/// The key in `data_dir`; none where there is no file.
///
/// # Errors
/// If the file cannot be read, or is no key.
pub fn read(data_dir: &Path) -> Result<Option<SigningKey>, HostKeyError> {
    let path = path(data_dir);
    match fs::read_to_string(&path) {
        Ok(pem) => keys::private_from_pem(&pem)
            .map(Some)
            .map_err(|source| HostKeyError::Key { path, source }),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(HostKeyError::File { path, source }),
    }
}

/// The key in `data_dir`, made where there is none. For the one process that
/// writes there.
///
/// # Errors
/// If there is none and none can be made.
pub fn read_or_make(data_dir: &Path) -> Result<SigningKey, HostKeyError> {
    if let Some(key) = read(data_dir)? {
        return Ok(key);
    }
    let (key, pem) = keys::generate()?;
    let path = path(data_dir);
    write(data_dir, &path, &pem).map_err(|source| HostKeyError::File { path, source })?;
    tracing::info!(key = keys::id(&key.verifying_key()), "audit_key_made");
    Ok(key)
}

/// The public half, as checkpoints are verified by it.
#[must_use]
pub fn public(key: &SigningKey) -> FounderKey {
    let key = key.verifying_key();
    FounderKey {
        id: keys::id(&key),
        key,
        revoked: false,
    }
}

/// Whole or not at all: renamed to where it belongs when it is on the disk.
fn write(data_dir: &Path, path: &Path, pem: &str) -> io::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(data_dir)?;
    let made = path.with_extension("new");
    // What a killed process left: its key signed nothing.
    let _ = fs::remove_file(&made);
    let mut options = OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&made)?;
    file.write_all(pem.as_bytes())?;
    file.sync_all()?;
    fs::rename(made, path)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn it_is_made_once_and_for_its_owner_alone() {
        let directory = std::env::temp_dir().join(format!("ainfera-key-{}", std::process::id()));
        assert_eq!(read(&directory).unwrap(), None);
        let made = read_or_make(&directory).unwrap();
        assert_eq!(read_or_make(&directory).unwrap(), made);
        let mode = fs::metadata(path(&directory)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        fs::write(path(&directory), "no key").unwrap();
        let error = read_or_make(&directory).unwrap_err().to_string();
        assert!(error.contains("audit-key.pem"), "{error}");
        fs::remove_dir_all(directory).unwrap();
    }
}
