//! A database of its own for a test, of either kind.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};

use super::super::{Key, Location, Store, StoreConfig};

/// Names a server where databases may be made and removed.
const SERVER: &str = "AINFERA_TEST_POSTGRES";

/// A database that is removed at the end.
pub(crate) struct Place {
    config: StoreConfig,
    end: End,
}

enum End {
    Directory(PathBuf),
    Database(String),
}

impl Place {
    /// A file, in a directory that is not there yet.
    pub(crate) fn file() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("ainfera-store-{}-{number}", std::process::id());
        let directory = std::env::temp_dir().join(name);
        Self {
            config: StoreConfig::at(directory.join("data/ainfera.db")),
            end: End::Directory(directory),
        }
    }

    /// An empty database.
    pub(crate) async fn server() -> Self {
        let name = Key::random().unwrap().text("ainfera_test_");
        administer(&format!("CREATE DATABASE {name}")).await;
        let url = std::env::var(SERVER).unwrap();
        let (server, options) = url.split_once('?').unwrap_or((&url, ""));
        let location = format!("{server}?dbname={name}&{options}");
        let location: Location = location.trim_end_matches('&').parse().unwrap();
        Self {
            config: StoreConfig::new(location),
            end: End::Database(name),
        }
    }

    /// The database, with its schema.
    pub(crate) async fn store(&self) -> Store {
        Store::open(self.config.clone()).await.unwrap()
    }

    /// Where it is.
    pub(crate) fn location(&self) -> Location {
        self.config.location.clone()
    }

    /// The directory of a file.
    pub(crate) fn directory(&self) -> &PathBuf {
        match &self.end {
            End::Directory(path) => path,
            End::Database(name) => panic!("{name} is on a server"),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        match &self.end {
            End::Directory(path) => drop(std::fs::remove_dir_all(path)),
            End::Database(name) => {
                let sql = format!("DROP DATABASE {name} WITH (FORCE)");
                // A runtime can't wait within another.
                let end = std::thread::spawn(move || {
                    let runtime = tokio::runtime::Builder::new_current_thread()
                        .enable_all()
                        .build()
                        .unwrap();
                    runtime.block_on(administer(&sql));
                });
                // Only for the room it takes: it goes with its server.
                let _ = end.join();
            }
        }
    }
}

/// Does this on the server, outside of any test's database.
async fn administer(sql: &str) {
    let url = std::env::var(SERVER)
        .unwrap_or_else(|_| panic!("{SERVER} must name a PostgreSQL server: postgres://USER@HOST"));
    let options: PgConnectOptions = url.parse().unwrap();
    let mut connection = options.connect().await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
}

/// Runs each of these tests, `async fn(&Place)`, on both databases.
macro_rules! on_both {
    ($($test:ident),* $(,)?) => {$(
        mod $test {
            use crate::store::tests::place::Place;

            #[tokio::test]
            async fn sqlite() {
                super::$test(&Place::file()).await;
            }

            #[tokio::test]
            #[ignore = "needs AINFERA_TEST_POSTGRES"]
            async fn postgres() {
                super::$test(&Place::server().await).await;
            }
        }
    )*};
}

pub(super) use on_both;
