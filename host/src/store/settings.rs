//! Small values that belong to the installation, by name.

use super::{Store, StoreError, Tx};

/// The value of this name.
pub async fn get(store: &Store, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(
        sqlx::query_scalar("SELECT value FROM settings WHERE name = ?")
            .bind(name)
            .fetch_optional(store.pool())
            .await?,
    )
}

/// Sets it, whatever it was.
pub async fn put(tx: &mut Tx, name: &str, value: &[u8]) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO settings (name, value) VALUES (?, ?)
         ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    )
    .bind(name)
    .bind(value)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Sets it where it is not set, and answers what it is then.
pub async fn put_first(tx: &mut Tx, name: &str, value: &[u8]) -> Result<Vec<u8>, StoreError> {
    sqlx::query("INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING")
        .bind(name)
        .bind(value)
        .execute(&mut **tx)
        .await?;
    Ok(
        sqlx::query_scalar("SELECT value FROM settings WHERE name = ?")
            .bind(name)
            .fetch_one(&mut **tx)
            .await?,
    )
}
