//! The database: one SQLite file, its schema, and a typed function for every
//! read and write that is not on the hot path (that one is `record`'s).
//!
//! Writes take a [`Tx`], so that an act of several rows and its audit event
//! become one commit. Reads take the [`Store`].

mod digest;
mod error;
mod id;
mod json;
mod open;

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
mod tests;

pub mod audit;
pub mod authorizations;
pub mod calls;
pub mod catalog;
pub mod changes;
pub mod checkpoints;
pub mod components;
pub mod founders;
pub mod gates;
pub mod generations;
pub mod history;
pub mod inferences;
pub mod keys;
pub mod settings;
pub mod tenancy;
pub mod writers;

pub use digest::{BadDigest, Digest};
pub use error::StoreError;
pub use id::{AgentId, ApiKeyId, BadId, ChangeId, KEY_EPOCH_MS, Key, TenantId};
pub use json::Json;
pub use open::{Durability, Store, StoreConfig};

/// A transaction that holds the database's write lock from its beginning, so
/// that two of them queue and never deadlock.
pub type Tx = sqlx::Transaction<'static, sqlx::Sqlite>;

/// Now, in microseconds since the Unix epoch, as the database keeps time.
#[must_use]
pub fn now_us() -> i64 {
    jiff::Timestamp::now().as_microsecond()
}
