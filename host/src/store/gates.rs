//! Gates: booleans outside plugins. One that is not stored is closed.

use super::on::run;
use super::{Store, StoreError, Tx};

/// A gate that was set at least once.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Gate {
    /// Its name.
    pub name: String,
    /// Whether it is open.
    pub open: bool,
    /// When it was set last; microseconds since the Unix epoch.
    pub changed_us: i64,
    /// Who did it.
    pub actor: String,
}

/// Every stored gate, by name.
pub async fn list(store: &Store) -> Result<Vec<Gate>, StoreError> {
    let sql = "SELECT name, open, changed_us, actor FROM gates ORDER BY name";
    Ok(run!(store, fetch_all, sqlx::query_as(sql))?)
}

/// Sets a gate. False if it was so already; then nothing changes.
pub async fn set(tx: &mut Tx, gate: &Gate) -> Result<bool, StoreError> {
    let done = run!(
        tx,
        execute,
        sqlx::query(
            "INSERT INTO gates (name, open, changed_us, actor) VALUES ($1, $2, $3, $4)
         ON CONFLICT (name) DO UPDATE
             SET open = excluded.open, changed_us = excluded.changed_us, actor = excluded.actor
             WHERE gates.open <> excluded.open",
        )
        .bind(&gate.name)
        .bind(gate.open)
        .bind(gate.changed_us)
        .bind(&gate.actor)
    )?;
    Ok(done == 1)
}
