//! A database of a PostgreSQL server.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Instant;

use super::Row;
use crate::postgres::{changed, rows, run};
use crate::wait::PATIENCE;

/// A database, dropped with this.
#[derive(Debug)]
pub struct Postgres {
    /// `postgres://USER@HOST:PORT`, as a superuser.
    server: String,
    name: String,
}

impl Postgres {
    /// Creates it, as a copy of another one that nobody uses.
    pub(super) fn create(server: &str, template: &str) -> Self {
        let name = format!("test_{:016x}", RandomState::new().hash_one(template));
        let database = Self {
            server: server.to_owned(),
            name,
        };
        let name = &database.name;
        database.maintain(&format!("CREATE DATABASE {name} TEMPLATE {template}"));
        database
    }

    pub(super) fn url(&self) -> String {
        format!("{}/{}", self.server, self.name)
    }

    /// Where references are not checked.
    fn unchecked(&self) -> String {
        // A space and an equals sign, encoded.
        let unchecked = "options=-c%20session_replication_role%3Dreplica";
        format!("{}?{unchecked}", self.url())
    }

    fn maintenance(&self) -> String {
        format!("{}/postgres", self.server)
    }

    fn maintain(&self, sql: &str) {
        run(&self.maintenance(), sql).unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    }

    pub(super) fn query(&self, sql: &str) -> Vec<Row> {
        rows(&self.url(), sql).unwrap_or_else(|error| panic!("{sql}: {error:?}"))
    }

    pub(super) fn execute(&self, sql: &str) -> u64 {
        changed(&self.unchecked(), sql).unwrap_or_else(|error| panic!("{sql}: {error:?}"))
    }

    pub(super) fn batch(&self, sql: &str) {
        run(&self.unchecked(), sql).unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    }

    pub(super) fn copy(&self) -> Self {
        self.disconnect();
        Self::create(&self.server, &self.name)
    }

    /// Every row of every table, with the transaction that wrote it.
    pub(super) fn contents(&self) -> String {
        let tables = self.query(
            "SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
        );
        let mut contents = String::new();
        for table in tables {
            let table = table["name"].as_str().expect("a name");
            // Text that is stored as bytes is read as text.
            let url = format!("{}?options=-c%20bytea_output%3Descape", self.url());
            let all = format!("SELECT xmin::text || t::text AS row FROM {table} t ORDER BY 1");
            let all = rows(&url, &all).unwrap_or_else(|error| panic!("{all}: {error:?}"));
            for row in all {
                contents += row["row"].as_str().expect("text");
                contents.push('\n');
            }
        }
        contents
    }

    pub(super) fn admit(&self, admit: bool) {
        let name = &self.name;
        self.maintain(&format!(
            "ALTER DATABASE {name} WITH ALLOW_CONNECTIONS {admit}"
        ));
        if !admit {
            self.disconnect();
        }
    }

    /// Ends every connection, and those that come meanwhile, until there is none.
    fn disconnect(&self) {
        let name = &self.name;
        // Waits for the end of each, but not for ever.
        let end = format!(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'"
        );
        let deadline = Instant::now() + PATIENCE;
        loop {
            let ended = rows(&self.maintenance(), &end);
            let ended = ended.unwrap_or_else(|error| panic!("{end}: {error:?}"));
            if ended.is_empty() {
                return;
            }
            assert!(Instant::now() < deadline, "{name} is still in use");
        }
    }
}

impl Drop for Postgres {
    /// In the background, and only for the room it takes: it goes with its server.
    fn drop(&mut self) {
        let url = self.maintenance();
        let sql = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        std::thread::spawn(move || run(&url, &sql));
    }
}
