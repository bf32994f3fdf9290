//! Small values that belong to the installation, by name.

use super::on::run;
use super::{StoreError, Tx};

/// The value of this name.
pub async fn get(tx: &mut Tx, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(run!(
        tx,
        fetch_optional,
        sqlx::query_scalar("SELECT value FROM settings WHERE name = $1").bind(name)
    )?)
}

/// Sets it, whatever it was.
pub async fn put(tx: &mut Tx, name: &str, value: &[u8]) -> Result<(), StoreError> {
    run!(
        tx,
        execute,
        sqlx::query(
            "INSERT INTO settings (name, value) VALUES ($1, $2)
         ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        )
        .bind(name)
        .bind(value)
    )?;
    Ok(())
}

/// Sets it where it is not set, and answers what it is then.
pub async fn put_first(tx: &mut Tx, name: &str, value: &[u8]) -> Result<Vec<u8>, StoreError> {
    run!(
        tx,
        execute,
        sqlx::query(
            "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING"
        )
        .bind(name)
        .bind(value)
    )?;
    Ok(run!(
        tx,
        fetch_one,
        sqlx::query_scalar("SELECT value FROM settings WHERE name = $1").bind(name)
    )?)
}
