//! Proof that the gateway recorded while it was measured.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};
use serde::Serialize;

/// Rows of the gateway's call tables, beside the calls that were answered.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Records {
    /// Calls the load had an answer to, and streams that were held open.
    pub calls: u64,
    /// Rows in `call_opened`.
    pub opened: u64,
    /// Rows in `call_closed`.
    pub closed: u64,
}

/// Counts the rows; `None` if no database can be read.
pub fn count(data: &Path, calls: u64) -> Option<Records> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let database = Connection::open_with_flags(database(data)?, flags).ok()?;
    let rows = |table: &str| {
        let count = format!("SELECT count(*) FROM {table}");
        let rows: i64 = database.query_row(&count, [], |row| row.get(0)).ok()?;
        u64::try_from(rows).ok()
    };
    Some(Records {
        calls,
        opened: rows("call_opened")?,
        closed: rows("call_closed")?,
    })
}

/// The file in the data directory that is an SQLite database, whatever its name.
fn database(data: &Path) -> Option<PathBuf> {
    /// <https://www.sqlite.org/fileformat.html#the_database_header>
    const HEADER: &[u8] = b"SQLite format 3\0";
    let files = std::fs::read_dir(data).ok()?.filter_map(Result::ok);
    files.map(|file| file.path()).find(|path| {
        let mut start = Vec::new();
        let file = std::fs::File::open(path);
        let read = file.and_then(|file| {
            std::io::Read::read_to_end(&mut std::io::Read::take(file, 16), &mut start)
        });
        read.is_ok() && start == HEADER
    })
}
