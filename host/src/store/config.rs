//! How to open a database.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Location;

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
