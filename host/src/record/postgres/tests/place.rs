//! A database of its own for a test.

use std::thread::ScopedJoinHandle;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, PgConnection, Row as _};
use tokio::runtime::Runtime;

use super::runtime;
use crate::store::Key;

/// Names a server where databases may be made and removed.
const SERVER: &str = "AINFERA_TEST_POSTGRES";

/// A database with the schema, removed at the end.
pub(super) struct Place(String);

impl Place {
    pub(super) fn new() -> Self {
        let name = Key::random().unwrap().text("ainfera_session_");
        fetch(&server(), &format!("CREATE DATABASE {name}"));
        let place = Self(name);
        runtime().block_on(async {
            let mut connection = place.options().connect().await.unwrap();
            let migrations = sqlx::migrate!("./migrations/postgres");
            migrations.run(&mut connection).await.unwrap();
        });
        // How often each writer says that it is there.
        place.run(
            "CREATE TABLE beats (writer BIGINT NOT NULL);
             CREATE FUNCTION beat() RETURNS trigger LANGUAGE plpgsql AS $$
             BEGIN INSERT INTO beats VALUES (new.id); RETURN NULL; END $$;
             CREATE TRIGGER beat AFTER UPDATE OF seen_us ON writers FOR EACH ROW
             EXECUTE FUNCTION beat()",
        );
        place
    }

    pub(super) fn options(&self) -> PgConnectOptions {
        server().database(&self.0)
    }

    /// Runs statements.
    pub(super) fn run(&self, sql: &str) {
        fetch(&self.options(), sql);
    }

    /// Gives a tenant money.
    pub(super) fn give(&self, tenant: i64, nanousd: i64) {
        self.run(&format!(
            "INSERT INTO ledger_accounts VALUES ({tenant}, {nanousd}, 0, 0, {nanousd})"
        ));
    }

    /// Asks for one number.
    pub(super) fn number(&self, sql: &str) -> i64 {
        self.numbers(sql)[0]
    }

    /// Asks for a row of numbers.
    pub(super) fn numbers(&self, sql: &str) -> Vec<i64> {
        let rows = fetch(&self.options(), sql);
        let row = rows.first().unwrap();
        let text = |at| row.try_get_unchecked::<String, _>(at).unwrap();
        (0..row.len()).map(|at| text(at).parse().unwrap()).collect()
    }

    /// Asks for a text.
    pub(super) fn text(&self, sql: &str) -> String {
        let rows = fetch(&self.options(), sql);
        rows.first().unwrap().try_get_unchecked(0).unwrap()
    }

    /// Ends the connections of a writer, as a crash of the server does.
    pub(super) fn cut(&self) {
        fetch(
            &server(),
            &format!(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'",
                self.0
            ),
        );
    }

    /// Waits until `writing` waits for a lock, or has ended all the same.
    pub(super) fn await_lock<T>(&self, writing: &ScopedJoinHandle<'_, T>) {
        let waits = format!(
            "SELECT count(*) FROM pg_stat_activity
             WHERE datname = '{}' AND wait_event_type = 'Lock'",
            self.0
        );
        while self.number(&waits) == 0 && !writing.is_finished() {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Place {
    /// Only for the room it takes: it goes with its server.
    fn drop(&mut self) {
        let sql = format!("DROP DATABASE {} WITH (FORCE)", self.0);
        runtime().block_on(async {
            if let Ok(mut connection) = server().connect().await {
                let dropped = sqlx::raw_sql(AssertSqlSafe(sql));
                let _ = dropped.execute(&mut connection).await;
            }
        });
    }
}

/// A connection that stays, past all that writers do.
pub(super) struct Outside {
    runtime: Runtime,
    connection: PgConnection,
}

impl Outside {
    pub(super) fn of(place: &Place) -> Self {
        let runtime = runtime();
        let options = place.options();
        let connection = runtime.block_on(options.connect()).unwrap();
        Self {
            runtime,
            connection,
        }
    }

    pub(super) fn run(&mut self, sql: &'static str) {
        let run = sqlx::raw_sql(sql).execute(&mut self.connection);
        self.runtime.block_on(run).unwrap();
    }
}

fn server() -> PgConnectOptions {
    let url = std::env::var(SERVER)
        .unwrap_or_else(|_| panic!("{SERVER} must name a PostgreSQL server: postgres://USER@HOST"));
    url.parse().unwrap()
}

fn fetch(options: &PgConnectOptions, sql: &str) -> Vec<sqlx::postgres::PgRow> {
    runtime().block_on(async {
        let mut connection = options.connect().await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
            .fetch_all(&mut connection)
            .await
            .unwrap()
    })
}
