//! The database, a SQLite file or one of a PostgreSQL server: its schema, and a
//! typed function for every read and write that is not on the hot path (that
//! one is `record`'s). Each statement is written once, for both (`on`).
//!
//! Writes take a [`Tx`], so that an act of several rows and its audit event
//! become one commit. Reads take the [`Store`].

mod column;
mod config;
mod digest;
mod error;
mod id;
mod json;
mod location;
mod on;
mod open;
mod postgres;
mod sqlite;
mod tx;

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
pub(crate) mod tests;

pub mod audit;
pub mod authorizations;
pub mod backup;
pub mod calls;
pub mod catalog;
pub mod changes;
pub mod checkpoints;
pub mod components;
pub mod founders;
pub mod gates;
pub mod generations;
pub mod history;
pub mod idempotency;
pub mod inferences;
pub mod keys;
pub mod ledger;
pub mod listen;
pub mod revocations;
pub mod settings;
pub mod tenancy;
pub mod tokens;
pub mod writers;

pub use config::{Durability, StoreConfig};
pub use digest::{BadDigest, Digest};
pub use error::StoreError;
pub use id::{
    AdminTokenId, AgentId, ApiKeyId, BadId, ChangeId, KEY_EPOCH_MS, Key, RequestId, TenantId,
    TopUpId, WorkId,
};
pub use json::Json;
pub use location::{BadLocation, Location, Server};
pub use open::Store;
pub use tx::Tx;

/// Now, in microseconds since the Unix epoch, as the database keeps time.
#[must_use]
pub fn now_us() -> i64 {
    jiff::Timestamp::now().as_microsecond()
}
