//! An SQLite file.

use std::path::{Path, PathBuf};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};

use super::{Row, hex};
use crate::wait::PATIENCE;

/// The path of a database file.
#[derive(Clone, Debug)]
pub struct Sqlite(PathBuf);

impl Sqlite {
    pub(super) fn new(path: PathBuf) -> Self {
        Self(path)
    }

    fn open(&self, flags: OpenFlags) -> Connection {
        let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(&self.0, flags).expect("the gateway's database");
        db.busy_timeout(PATIENCE).expect("a busy timeout");
        db
    }

    fn open_to_write(&self) -> Connection {
        let db = self.open(OpenFlags::SQLITE_OPEN_READ_WRITE);
        db.pragma_update(None, "foreign_keys", false)
            .expect("a pragma");
        db
    }

    pub(super) fn query(&self, sql: &str) -> Vec<Row> {
        let rows = || {
            let db = self.open(OpenFlags::SQLITE_OPEN_READ_ONLY);
            let mut statement = db.prepare(sql)?;
            let names = statement.column_names();
            let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
            let rows = statement.query_map([], |row| {
                let mut map = Row::new();
                for (index, name) in names.iter().enumerate() {
                    map.insert(name.clone(), json_of(row.get_ref(index)?));
                }
                Ok(map)
            });
            rows?.collect::<rusqlite::Result<_>>()
        };
        rows().unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    pub(super) fn execute(&self, sql: &str) -> u64 {
        let changed = self.open_to_write().execute(sql, []);
        changed.unwrap_or_else(|error| panic!("{sql}: {error}")) as u64
    }

    pub(super) fn batch(&self, sql: &str) {
        let done = self.open_to_write().execute_batch(sql);
        done.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    fn with_suffix(&self, suffix: &str) -> PathBuf {
        let mut name = self.0.clone().into_os_string();
        name.push(suffix);
        name.into()
    }

    pub(super) fn copy(&self, directory: &Path) -> Self {
        let copy = Self(directory.join(self.0.file_name().expect("a file")));
        for suffix in ["", "-wal"] {
            let file = self.with_suffix(suffix);
            if file.exists() {
                std::fs::copy(file, copy.with_suffix(suffix)).expect("to copy");
            }
        }
        copy
    }

    pub(super) fn contents(&self) -> Vec<u8> {
        // A log that is empty is as good as none.
        let log = std::fs::read(self.with_suffix("-wal")).unwrap_or_default();
        let file = std::fs::read(&self.0).expect("the database");
        [file, log].concat()
    }

    pub(super) fn shift(&self, away: bool) {
        let elsewhere = self.with_suffix("-elsewhere");
        let (from, to) = if away {
            (&self.0, &elsewhere)
        } else {
            (&elsewhere, &self.0)
        };
        std::fs::rename(from, to).expect("to move the database");
    }
}

fn json_of(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => json!(number),
        ValueRef::Real(number) => json!(number),
        ValueRef::Text(text) => json!(String::from_utf8_lossy(text)),
        ValueRef::Blob(bytes) => json!(hex(bytes)),
    }
}
