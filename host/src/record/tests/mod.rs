//! The writer as its callers see it, on a database of its own.

mod audited;
mod claims;
mod exactly_once;
mod failing;
mod ledger;
mod recorded;
mod restarted;

use std::path::PathBuf;
use std::time::Duration;

use sqlx::{AssertSqlSafe, ConnectOptions as _, Row as _};

use super::{Opened, Records, RecordsConfig, Router};
use crate::store::tests::place;
use crate::store::{AgentId, Key, Location, Store, StoreConfig, TenantId};
use crate::telemetry::otlp::Otlp;

/// A database that is removed at the end.
struct Place(place::Place);

impl Place {
    /// A file.
    fn new() -> Self {
        Self(place::Place::file())
    }

    /// A database of a server.
    async fn server() -> Self {
        Self(place::Place::server().await)
    }

    fn is_server(&self) -> bool {
        matches!(self.0.location(), Location::Server(_))
    }

    fn file(&self) -> PathBuf {
        self.0.location().file().unwrap().to_owned()
    }

    async fn store(&self) -> Store {
        let mut config = StoreConfig::new(self.0.location());
        if !self.is_server() {
            // Soon enough for a test that waits for it, and long enough for a
            // machine that does much at once.
            config.busy_timeout = Duration::from_millis(500);
        }
        Store::open(config).await.unwrap()
    }

    async fn start(&self) -> (Store, Records) {
        let store = self.store().await;
        let records = Records::start(RecordsConfig::default(), &store, Otlp::default())
            .await
            .unwrap();
        (store, records)
    }

    /// A connection past all that the writer does, to a file.
    fn outside(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.file()).unwrap()
    }

    /// Runs statements past all that the writer does.
    async fn run(&self, sql: &str) {
        match self.0.location() {
            Location::File(_) => self.outside().execute_batch(sql).unwrap(),
            Location::Server(_) => drop(self.hold(sql).await),
        }
    }

    /// Runs statements on a connection of a server that stays.
    async fn hold(&self, sql: &str) -> sqlx::PgConnection {
        let Location::Server(server) = self.0.location() else {
            panic!("a file")
        };
        let mut connection = server.options().connect().await.unwrap();
        let run = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        run.execute(&mut connection).await.unwrap();
        connection
    }

    /// Asks for one number.
    async fn number(&self, sql: &str) -> i64 {
        let Location::Server(server) = self.0.location() else {
            return self.outside().query_row(sql, [], |row| row.get(0)).unwrap();
        };
        let mut connection = server.options().connect().await.unwrap();
        let row = sqlx::query(AssertSqlSafe(sql.to_owned()))
            .fetch_one(&mut connection)
            .await
            .unwrap();
        row.get(0)
    }
}

/// Runs each of these tests, `async fn(&Place)`, on both databases.
macro_rules! on_both {
    ($($test:ident),* $(,)?) => {$(
        mod $test {
            use crate::record::tests::Place;

            #[tokio::test]
            async fn sqlite() {
                super::$test(&Place::new()).await;
            }

            #[tokio::test]
            #[ignore = "needs AINFERA_TEST_POSTGRES"]
            async fn postgres() {
                super::$test(&Place::server().await).await;
            }
        }
    )*};
}

use on_both;

const TENANT: TenantId = TenantId(Key(1));
const AGENT: AgentId = AgentId(Key(2));

fn routed(records: &Records) -> Opened {
    let model = "ainfera-inference".to_owned();
    Opened {
        dispatched: true,
        ..Opened::new(
            records.key(),
            Router::Policy,
            TENANT,
            AGENT,
            "/v1/messages",
            model,
        )
    }
}

/// Waits for what comes by itself, but not for ever.
async fn until(what: &str, mut done: impl FnMut() -> bool) {
    for _ in 0..6_000 {
        if done() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("waited in vain until {what}");
}
