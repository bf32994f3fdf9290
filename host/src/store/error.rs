//! What can go wrong with the store.

use std::path::PathBuf;

use super::{Location, Server};

/// Why the store did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The directory or file of the database could not be made.
    #[error("cannot prepare the database at {}: {source}; check that the directory exists and is writable", path.display())]
    Prepare {
        /// The directory or file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The server is not there, or does not let us in.
    #[error("cannot connect to the database at {server}: {source}; check AINFERA_DATABASE_URL")]
    Connect {
        /// The server.
        server: Server,
        /// What it, or the system, said.
        source: sqlx::Error,
    },
    /// There is none where one is to be read.
    #[error(
        "there is no database at {0}; name its directory with AINFERA_DATA_DIR, its server with AINFERA_DATABASE_URL, or its configuration with --config"
    )]
    NoDatabase(Location),
    /// One that another version of the gateway used last.
    #[error(
        "the database at {0} has the schema of another version; use that version's binary, or start this one's gateway on it once"
    )]
    OtherSchema(Location),
    /// A schema that this binary does not know, or a migration that failed.
    #[error(
        "cannot bring the database to this version's schema: {0}; a database of a newer version needs that version's binary"
    )]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// The database is gone, locked for too long, full, or refused a statement.
    #[error("the database did not answer: {0}")]
    Database(#[from] sqlx::Error),
    /// Something else was made in between.
    #[error("stale: the newest {what} is {actual}, not {expected}; read it and try again")]
    Stale {
        /// What is numbered.
        what: &'static str,
        /// The number that the caller took for the newest; 0 for none.
        expected: i64,
        /// The newest.
        actual: i64,
    },
    /// Something of this name, digest, or nonce is there already.
    #[error("this {what} exists already")]
    Duplicate {
        /// What was to be unique.
        what: &'static str,
    },
    /// Nothing of this id.
    #[error("there is no such {what}")]
    Missing {
        /// What was looked for.
        what: &'static str,
    },
    /// No more of something.
    #[error("{most} {what} already; stop one")]
    TooMany {
        /// What there are enough of.
        what: &'static str,
        /// How many there may be.
        most: i64,
    },
    /// A stored value that this binary cannot read.
    #[error("the stored {what} cannot be read: {why}; the database was changed by something else")]
    Unreadable {
        /// The value.
        what: &'static str,
        /// What is wrong with it.
        why: String,
    },
}

/// [`StoreError::Duplicate`] where an `INSERT … ON CONFLICT DO NOTHING` did
/// nothing. A statement that fails would end a transaction of PostgreSQL.
pub(super) fn inserted(rows: u64, what: &'static str) -> Result<(), StoreError> {
    match rows {
        0 => Err(StoreError::Duplicate { what }),
        _ => Ok(()),
    }
}
