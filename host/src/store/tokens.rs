//! Tokens of the admin API, by their hashes.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::inserted;
use super::on::run;
use super::{AdminTokenId, Digest, Store, StoreError, Tx};

/// What the holder of a token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, sqlx::Type, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Role {
    /// Everything; authorizing still takes a founder's signature.
    Founder,
    /// Runs the gateway: tenants, catalog, roll back, closing of gates.
    Operator,
    /// Writes plugins: uploads, tries and proposes them.
    Author,
    /// Reads what was decided and done.
    Auditor,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 4] = [Self::Founder, Self::Operator, Self::Author, Self::Auditor];

    /// Its one spelling.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Founder => "founder",
            Self::Operator => "operator",
            Self::Author => "author",
            Self::Auditor => "auditor",
        }
    }
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A token of the admin API.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct AdminToken {
    /// Its public id.
    pub id: AdminTokenId,
    /// Who holds it; no two live ones have the same.
    pub name: String,
    /// What it opens.
    pub role: Role,
    /// SHA-256 of the token's text.
    #[sqlx(try_from = "Vec<u8>")]
    pub hash: Digest,
    /// Microseconds since the Unix epoch.
    pub created_us: i64,
    /// Who made it.
    pub actor: String,
    /// When it was revoked.
    pub revoked_us: Option<i64>,
}

/// Tokens, those of which this is true.
macro_rules! select {
    ($which:literal) => {
        concat!(
            "SELECT id, name, role, hash, created_us, actor, revoked_us FROM admin_tokens ",
            $which
        )
    };
}

/// Adds a token. [`StoreError::Duplicate`] if a live one has its name.
pub async fn insert(tx: &mut Tx, token: &AdminToken) -> Result<(), StoreError> {
    let sql = "INSERT INTO admin_tokens (id, name, role, hash, created_us, actor, revoked_us)
               VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
    let new = run!(
        tx,
        execute,
        sqlx::query(sql)
            .bind(token.id)
            .bind(&token.name)
            .bind(token.role)
            .bind(token.hash.0.as_slice())
            .bind(token.created_us)
            .bind(&token.actor)
            .bind(token.revoked_us)
    )?;
    inserted(new, "admin token")
}

/// Every token that is not revoked.
pub async fn live(store: &Store) -> Result<Vec<AdminToken>, StoreError> {
    let sql = select!("WHERE revoked_us IS NULL ORDER BY id");
    Ok(run!(store, fetch_all, sqlx::query_as(sql))?)
}

/// Every token, the first one first.
pub async fn list(store: &Store) -> Result<Vec<AdminToken>, StoreError> {
    Ok(run!(
        store,
        fetch_all,
        sqlx::query_as(select!("ORDER BY id"))
    )?)
}

/// The token of this id.
pub async fn get(tx: &mut Tx, id: AdminTokenId) -> Result<AdminToken, StoreError> {
    let sql = select!("WHERE id = $1");
    run!(tx, fetch_optional, sqlx::query_as(sql).bind(id))?.ok_or(StoreError::Missing {
        what: "admin token",
    })
}

/// Revokes a token. One that was revoked before keeps its time.
pub async fn revoke(tx: &mut Tx, id: AdminTokenId, at_us: i64) -> Result<AdminToken, StoreError> {
    run!(
        tx,
        execute,
        sqlx::query("UPDATE admin_tokens SET revoked_us = coalesce(revoked_us, $1) WHERE id = $2")
            .bind(at_us)
            .bind(id)
    )?;
    get(tx, id).await
}
