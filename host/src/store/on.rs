//! One text of SQL for both databases: `$1` is a parameter to either.

/// Something that there is one of for each database: a pool, a connection.
#[derive(Clone, Debug)]
pub(super) enum On<S, P> {
    /// For SQLite.
    Sqlite(S),
    /// For PostgreSQL.
    Postgres(P),
}

/// Runs a query where the [`Store`](super::Store) or [`Tx`](super::Tx) is:
///
/// ```ignore
/// run!(tx, execute, sqlx::query("… $1 …").bind(id))            // rows affected, u64
/// run!(store, fetch_all, sqlx::query_as("… $1 …").bind(id))    // as sqlx's method
/// ```
///
/// The error is sqlx's. A macro, as the types of a query depend on its
/// database: a generic function would have to name, as bounds, all that a
/// query binds and reads. Here each arm is checked as what it is.
macro_rules! run {
    ($database:expr, execute, $query:expr) => {
        match $database.on() {
            $crate::store::on::On::Sqlite(on) => {
                $query.execute(on).await.map(|done| done.rows_affected())
            }
            $crate::store::on::On::Postgres(on) => {
                $query.execute(on).await.map(|done| done.rows_affected())
            }
        }
    };
    ($database:expr, $fetch:ident, $query:expr) => {
        match $database.on() {
            $crate::store::on::On::Sqlite(on) => $query.$fetch(on).await,
            $crate::store::on::On::Postgres(on) => $query.$fetch(on).await,
        }
    };
}

pub(super) use run;
