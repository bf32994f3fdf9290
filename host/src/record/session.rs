//! One connection of the writer to its database, as the committer sees it.

use std::time::Duration;

use super::StartError;
use super::message::Batch;

/// A connection that has not failed yet, and the end of the writer's chain.
pub(super) trait Session {
    /// Commits a batch in one transaction, but for the writes that have failed
    /// before. Where it answers with an error, nothing of it is committed, or
    /// nobody knows.
    ///
    /// # Errors
    /// A row that the database refuses, or the database itself.
    fn commit(&mut self, batch: &mut Batch) -> Result<(), Failed>;

    /// Writes the writer's own row: that it runs, or when it ended. Also the
    /// proof that the database takes writes.
    ///
    /// # Errors
    /// The database.
    fn touch(&mut self, ended_us: Option<i64>) -> Result<(), Broken>;

    /// How long the connection may be silent until it is to be touched again;
    /// for ever where nobody watches.
    fn heartbeat(&self) -> Option<Duration>;
}

/// Why a batch was not committed.
#[derive(Debug)]
pub(super) enum Failed {
    /// The database refuses this row of it; without that the others can be
    /// committed.
    Row(usize, Broken),
    /// The database failed before the commit.
    Database(Broken),
    /// The database failed during the commit: it may have been made.
    InDoubt(Broken),
}

/// Why a connection has to be given up, or what a database has against a row.
#[derive(Debug, thiserror::Error)]
pub(super) enum Broken {
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    #[error("the database file was removed or replaced")]
    Moved,
    #[error(transparent)]
    Postgres(#[from] sqlx::Error),
    #[error("the database does not answer in time")]
    Late,
    #[error("another gateway took this one for dead")]
    Expired,
    #[error("cannot prepare to connect: {0}")]
    Runtime(#[from] std::io::Error),
    #[error("cannot begin anew: {0}")]
    Register(Box<StartError>),
}
