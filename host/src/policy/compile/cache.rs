//! Machine code kept on the disk, so that a restart compiles nothing again.
//!
//! A file is `<digest>.<engine>`, its code sealed with the host's key. A file
//! that was changed, cut, moved or made elsewhere is never loaded: it is
//! removed, and the component is compiled again.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::hash::{Hash as _, Hasher};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use sha2::{Digest as _, Sha256};
use wasmtime::Engine;

use super::code::{Code, Key};
use crate::policy::settings::FINGERPRINT;
use crate::store::Digest;

/// Its folder in the data directory.
const FOLDER: &str = "compiled";
/// The key's file in there.
const KEY: &str = "key";

/// What is kept at most; the file that was used longest ago goes first.
const MOST_FILES: usize = 64;
const MOST_BYTES: u64 = 1 << 30;

/// Code is kept in a folder of the data directory, under a key that only this
/// host has.
pub struct Cache {
    folder: PathBuf,
    key: Key,
}

/// The folder, or its key, cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot keep compiled code in {}: {source}; let the gateway write there", path.display())]
pub struct CacheError {
    path: PathBuf,
    source: io::Error,
}

impl Cache {
    /// The one in `data_dir`, made where there is none.
    ///
    /// # Errors
    /// If the folder or its key can be neither read nor made.
    pub fn open(data_dir: &Path) -> Result<Self, CacheError> {
        let folder = data_dir.join(FOLDER);
        match key(&folder) {
            Ok(key) => Ok(Self { folder, key }),
            Err(source) => Err(CacheError {
                path: folder,
                source,
            }),
        }
    }

    /// The code of `digest` for `engine`, if it is there and unchanged.
    pub(super) fn read(&self, engine: &Engine, digest: Digest) -> Option<Code> {
        let name = name(engine, digest);
        let path = self.folder.join(&name);
        let sealed = match read(&path) {
            Ok(sealed) => sealed,
            Err(error) if error.kind() == ErrorKind::NotFound => return None,
            Err(error) => {
                tracing::warn!(%digest, %error, "policy_code_unreadable");
                return None;
            }
        };
        let code = Code::sealed(sealed, &self.key, &name);
        if code.is_none() {
            self.refuse(engine, digest);
        }
        code
    }

    /// Removes the code of `digest`: it is not ours, or not for this machine.
    pub(super) fn refuse(&self, engine: &Engine, digest: Digest) {
        tracing::warn!(%digest, "policy_code_refused");
        let _ = fs::remove_file(self.folder.join(name(engine, digest)));
    }

    /// Keeps `code` as that of `digest`, if it is not kept already.
    pub(super) fn keep(
        &self,
        engine: &Engine,
        digest: Digest,
        code: impl FnOnce() -> wasmtime::Result<Vec<u8>>,
    ) {
        let name = name(engine, digest);
        let path = self.folder.join(&name);
        if path.exists() {
            return;
        }
        let kept = code().map_err(io::Error::other).and_then(|code| {
            write(&path, &self.key.seal(&name, code))?;
            self.bound()
        });
        if let Err(error) = kept {
            tracing::warn!(%digest, %error, "policy_code_not_kept");
        }
    }

    /// Removes what was used longest ago, down to the bounds.
    fn bound(&self) -> io::Result<()> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            if entry.file_name() != KEY {
                let metadata = entry.metadata()?;
                files.push((metadata.modified()?, metadata.len(), entry.path()));
            }
        }
        files.sort();
        let mut count = files.len();
        let mut bytes: u64 = files.iter().map(|(_, length, _)| length).sum();
        for (_, length, path) in files {
            if count <= MOST_FILES && bytes <= MOST_BYTES {
                break;
            }
            fs::remove_file(path)?;
            count -= 1;
            bytes -= length;
        }
        Ok(())
    }
}

/// Names the code of `digest` for `engine`: its settings, its version, and the
/// processor's abilities.
fn name(engine: &Engine, digest: Digest) -> String {
    struct Sha(Sha256);
    impl Hasher for Sha {
        fn write(&mut self, bytes: &[u8]) {
            self.0.update(bytes);
        }
        fn finish(&self) -> u64 {
            let first = self.0.clone().finalize().first_chunk().copied();
            u64::from_be_bytes(first.unwrap_or_default())
        }
    }
    let mut sha = Sha(Sha256::new());
    FINGERPRINT.hash(&mut sha);
    engine.precompile_compatibility_hash().hash(&mut sha);
    format!("{digest}.{:016x}", sha.finish())
}

/// A file's bytes. The file counts as used now.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    if file.metadata()?.len() > MOST_BYTES {
        return Err(ErrorKind::FileTooLarge.into());
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    // A folder that may only be read still serves.
    let _ = file.set_modified(SystemTime::now());
    Ok(bytes)
}

/// Whole or not at all.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let made = path.with_extension("new");
    // What a killed process left.
    let _ = fs::remove_file(&made);
    let mut options = OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&made)?;
    file.write_all(bytes)?;
    fs::rename(made, path)
}

/// The key in `folder`, made where there is none. One of another length is
/// replaced, and all that it sealed with it.
fn key(folder: &Path) -> io::Result<Key> {
    let path = folder.join(KEY);
    match fs::read(&path) {
        Ok(bytes) => {
            if let Ok(bytes) = <[u8; 64]>::try_from(bytes) {
                return Ok(Key::new(&bytes));
            }
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    let mut bytes = [0; 64];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    write(&path, &bytes)?;
    Ok(Key::new(&bytes))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;
    use std::time::Duration;

    use super::*;
    use crate::policy::settings::code_config;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("ainfera-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        folder
    }

    #[test]
    fn what_was_used_longest_ago_goes_first() {
        let data = folder("cache-bound");
        let engine = Engine::new(&code_config()).unwrap();
        let cache = Cache::open(&data).unwrap();
        let digests: Vec<_> = (0..=MOST_FILES as u64)
            .map(|i| Digest::of(&i.to_be_bytes()))
            .collect();
        let long_ago = SystemTime::now() - Duration::from_secs(3_600);
        for (digest, age) in digests.iter().zip(0..) {
            cache.keep(&engine, *digest, || Ok(b"code".to_vec()));
            if let Ok(file) = File::open(cache.folder.join(name(&engine, *digest))) {
                file.set_modified(long_ago + Duration::from_secs(age))
                    .unwrap();
            }
            // The first is used again and again.
            cache.read(&engine, digests[0]).unwrap();
        }
        // The key is there too.
        assert_eq!(fs::read_dir(&cache.folder).unwrap().count(), MOST_FILES + 1);
        assert!(cache.read(&engine, digests[0]).is_some());
        assert!(cache.read(&engine, digests[1]).is_none());
        fs::remove_dir_all(data).unwrap();
    }

    #[test]
    fn the_key_is_made_once_and_for_its_owner_alone() {
        let data = folder("cache-key");
        let engine = Engine::new(&code_config()).unwrap();
        let digest = Digest::of(b"");
        let first = Cache::open(&data).unwrap();
        first.keep(&engine, digest, || Ok(b"code".to_vec()));
        assert!(Cache::open(&data).unwrap().read(&engine, digest).is_some());
        let key = first.folder.join(KEY);
        assert_eq!(
            fs::metadata(&key).unwrap().permissions().mode() & 0o777,
            0o600
        );
        fs::remove_file(&key).unwrap();
        assert!(Cache::open(&data).unwrap().read(&engine, digest).is_none());
        fs::remove_dir_all(data).unwrap();
    }
}
