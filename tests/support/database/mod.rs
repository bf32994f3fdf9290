//! A gateway's database, whichever it is: read, tampered with, taken away.

mod postgres;
mod sqlite;

use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value};

use self::postgres::Postgres;
use self::sqlite::Sqlite;

/// A row, by column name. Numbers and text as JSON, truths as 1 and 0, bytes as
/// lowercase hex: the same from either database.
pub type Row = Map<String, Value>;

/// A database, opened anew for each look. Statements are written so that both kinds
/// understand them.
#[derive(Clone, Debug)]
pub enum Database {
    /// A file in the gateway's data directory.
    Sqlite(Sqlite),
    /// One of a PostgreSQL server, dropped with the last clone of this.
    Postgres(Arc<Postgres>),
}

impl Database {
    /// The SQLite database in a data directory.
    pub fn in_directory(data: &Path) -> Self {
        Self::Sqlite(Sqlite::new(data.join("ainfera.db")))
    }

    /// A new, empty database of the PostgreSQL server at this URL.
    pub fn create(server: &str) -> Self {
        Self::Postgres(Arc::new(Postgres::create(server, "template1")))
    }

    /// What `AINFERA_DATABASE_URL` has to be; nothing for the file that a gateway takes
    /// by itself.
    pub fn url(&self) -> Option<String> {
        match self {
            Self::Sqlite(_) => None,
            Self::Postgres(database) => Some(database.url()),
        }
    }

    /// Whether it is PostgreSQL.
    pub fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    /// Runs a query.
    pub fn query(&self, sql: &str) -> Vec<Row> {
        match self {
            Self::Sqlite(database) => database.query(sql),
            Self::Postgres(database) => database.query(sql),
        }
    }

    /// Runs one statement; how many rows it changed. References are not checked, so
    /// that they can be broken.
    pub fn execute(&self, sql: &str) -> u64 {
        match self {
            Self::Sqlite(database) => database.execute(sql),
            Self::Postgres(database) => database.execute(sql),
        }
    }

    /// Runs statements, each ended by a semicolon, without a check of references.
    pub fn batch(&self, sql: &str) {
        match self {
            Self::Sqlite(database) => database.batch(sql),
            Self::Postgres(database) => database.batch(sql),
        }
    }

    /// These bytes, in hex, as a statement has them.
    pub fn bytes(&self, hex: &str) -> String {
        match self {
            Self::Sqlite(_) => format!("x'{hex}'"),
            Self::Postgres(_) => format!("'\\x{hex}'::bytea"),
        }
    }

    /// A copy; a file of it is in this directory. Nobody may be using the original.
    pub fn copy(&self, directory: &Path) -> Self {
        match self {
            Self::Sqlite(database) => Self::Sqlite(database.copy(directory)),
            Self::Postgres(database) => Self::Postgres(Arc::new(database.copy())),
        }
    }

    /// All that it holds, in which any text that is stored is found.
    pub fn contents(&self) -> Vec<u8> {
        match self {
            Self::Sqlite(database) => database.contents(),
            Self::Postgres(database) => database.contents().into_bytes(),
        }
    }

    /// Whether these bytes are anywhere in it.
    pub fn holds(&self, needle: &str) -> bool {
        let contents = self.contents();
        let mut windows = contents.windows(needle.len());
        windows.any(|window| window == needle.as_bytes())
    }

    /// Takes it from its gateway: the file is moved, or the connections end and no new
    /// one is let in.
    pub fn take_away(&self) {
        match self {
            Self::Sqlite(database) => database.shift(true),
            Self::Postgres(database) => database.admit(false),
        }
    }

    /// Puts it back where it was.
    pub fn put_back(&self) {
        match self {
            Self::Sqlite(database) => database.shift(false),
            Self::Postgres(database) => database.admit(true),
        }
    }
}

/// Lowercase hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
