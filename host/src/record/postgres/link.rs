//! A connection of which every answer is awaited for a bounded time.

use std::time::Duration;

use sqlx::postgres::{PgArguments, PgConnectOptions, PgRow};
use sqlx::query::Query;
use sqlx::{ConnectOptions as _, Executor as _, PgConnection, Postgres, SqlSafeStr as _};
use tokio::time::timeout;

use crate::record::session::{Broken, Failed};

/// How long a connection may take: calls are refused meanwhile, but ends of
/// calls wait for it.
const CONNECT: Duration = Duration::from_secs(2);

/// How long an answer may take. The server gives up before (`SETTINGS`) where
/// it can still say so.
const ANSWER: Duration = Duration::from_secs(4);

/// What the connection is set to.
const SETTINGS: [(&str, &str); 8] = [
    ("statement_timeout", "3s"),
    // Longer, and it is better to refuse calls; but a deadlock, which can be
    // tried again, is found after a second.
    ("lock_timeout", "2s"),
    // A gateway that is stopped in the midst of a commit does not hold up others.
    ("idle_in_transaction_session_timeout", "2s"),
    // Planned once: every look-up is by a key, also in a table that was empty
    // when it was planned.
    ("plan_cache_mode", "force_generic_plan"),
    ("enable_seqscan", "off"),
    ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"),
    ("jit", "off"),
];

/// Why a statement was not done.
#[derive(Debug)]
pub(super) enum Trouble {
    /// A row is there already.
    There(sqlx::Error),
    /// The database refuses a row.
    Row(sqlx::Error),
    /// Another transaction was in the way: it can be tried again.
    InTheWay(sqlx::Error),
    /// The database refuses the statement.
    Refused(Broken),
    /// There is no answer: it may have been done.
    Silent(Broken),
}

pub(super) struct Link {
    connection: PgConnection,
    /// How often an answer was awaited.
    trips: u64,
}

impl Link {
    pub(super) async fn connect(options: &PgConnectOptions) -> Result<Self, Broken> {
        let options = options
            .clone()
            .options(SETTINGS)
            .disable_statement_logging();
        let connected = timeout(CONNECT, options.connect());
        let connection = connected.await.map_err(|_| Broken::Late)??;
        Ok(Self {
            connection,
            trips: 0,
        })
    }

    #[cfg(test)]
    pub(super) fn trips(&self) -> u64 {
        self.trips
    }

    /// Prepares a statement, so that its first use takes no longer than others.
    pub(super) async fn prepare(&mut self, sql: &'static str) -> Result<(), Trouble> {
        let prepared = self.connection.prepare(sql.into_sql_str());
        answered(&mut self.trips, prepared).await.map(drop)
    }

    /// Runs a statement without parameters.
    pub(super) async fn run(&mut self, sql: &'static str) -> Result<(), Trouble> {
        let run = sqlx::raw_sql(sql).execute(&mut self.connection);
        answered(&mut self.trips, run).await.map(drop)
    }

    /// Runs a statement; how many rows it changed.
    pub(super) async fn execute(
        &mut self,
        query: Query<'_, Postgres, PgArguments>,
    ) -> Result<u64, Trouble> {
        let executed = answered(&mut self.trips, query.execute(&mut self.connection));
        Ok(executed.await?.rows_affected())
    }

    /// Runs a statement; its rows, once it is done.
    pub(super) async fn fetch(
        &mut self,
        query: Query<'_, Postgres, PgArguments>,
    ) -> Result<Vec<PgRow>, Trouble> {
        answered(&mut self.trips, query.fetch_all(&mut self.connection)).await
    }
}

async fn answered<T>(
    trips: &mut u64,
    answer: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, Trouble> {
    *trips += 1;
    match timeout(ANSWER, answer).await {
        Ok(answer) => answer.map_err(Trouble::of),
        Err(_) => Err(Trouble::Silent(Broken::Late)),
    }
}

impl Trouble {
    /// By the code of the error (PostgreSQL, Appendix A).
    fn of(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(|error| error.code());
        match code.as_deref() {
            None => Self::Silent(error.into()),
            Some("23505") => Self::There(error),
            Some("40001" | "40P01") => Self::InTheWay(error),
            Some(code) if code.starts_with("22") || code.starts_with("23") => Self::Row(error),
            // Shut down in the midst of a commit, it may have been made.
            Some(code) if code.starts_with("57P") => Self::Silent(error.into()),
            Some(_) => Self::Refused(error.into()),
        }
    }

    /// As what goes wrong before anything can be committed.
    pub(super) fn broken(self) -> Broken {
        match self {
            Self::There(error) | Self::Row(error) | Self::InTheWay(error) => error.into(),
            Self::Refused(broken) | Self::Silent(broken) => broken,
        }
    }

    /// Nothing was to be committed yet.
    pub(super) fn before_commit(self) -> Self {
        match self {
            Self::Silent(broken) => Self::Refused(broken),
            other => other,
        }
    }

    /// As the committer is told.
    pub(super) fn failed(self) -> Failed {
        match self {
            Self::Silent(broken) => Failed::InDoubt(broken),
            other => Failed::Database(other.broken()),
        }
    }
}
