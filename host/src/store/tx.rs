//! Transactions.

use sqlx::{Executor as _, PgConnection, Postgres, Sqlite, SqliteConnection, Transaction};

use super::on::On;

/// A transaction. Dropped without a commit, it changes nothing.
pub struct Tx(pub(super) On<Transaction<'static, Sqlite>, Transaction<'static, Postgres>>);

impl Tx {
    /// Makes what was written durable.
    ///
    /// # Errors
    /// The database's: then nothing of it is there, or nobody knows.
    pub async fn commit(self) -> Result<(), sqlx::Error> {
        match self.0 {
            On::Sqlite(tx) => tx.commit().await,
            On::Postgres(mut tx) => {
                // PostgreSQL rolls back where a statement had failed, and says
                // that the commit went well; any other statement tells.
                tx.execute("SELECT 1").await?;
                tx.commit().await
            }
        }
    }

    pub(super) fn on(&mut self) -> On<&mut SqliteConnection, &mut PgConnection> {
        match &mut self.0 {
            On::Sqlite(tx) => On::Sqlite(&mut **tx),
            On::Postgres(tx) => On::Postgres(&mut **tx),
        }
    }
}
