//! The lock of a database file.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::StartError;

/// Keeps a second process from sweeping, as abandoned, the calls of this one.
pub(super) fn lock(file: &Path) -> Result<File, StartError> {
    let mut path = file.to_owned().into_os_string();
    path.push(".lock");
    let path = PathBuf::from(path);
    let mut options = OpenOptions::new();
    options.append(true).create(true).mode(0o600);
    let failed = |source| StartError::Lock {
        path: path.clone(),
        source,
    };
    let file = options.open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StartError::Locked(path)),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}
