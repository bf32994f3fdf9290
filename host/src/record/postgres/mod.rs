//! The hot connection to PostgreSQL, which the writer's thread has to itself.
//!
//! A batch is one statement, which commits itself, wherever nothing must be
//! known before: one round trip. Otherwise it is a transaction: idempotency keys
//! are taken, accounts are locked and read, or calls are looked for; it is
//! decided; and then the same statement writes it.
//!
//! *One connection at a time.* A connection that was given up may still be busy
//! with a batch that nobody waits for any more. The next one ends it, and waits
//! for that (a lock that a connection has as long as it lives), before it looks
//! for the end of the chain and for what was committed.
//!
//! *Lease.* The writer says every few seconds that it is there. Where it did not
//! for long, another one takes it for dead: it marks the writer's row, and after
//! that closes its pending calls. Every batch reads that row with a share lock
//! and writes nothing where it is marked. So each batch is either committed
//! before the mark, and its calls are among the pending ones, or it is not
//! committed at all, however long the writer was stopped between looking at its
//! clock and sending. A writer that finds itself marked begins anew, as another
//! writer with a chain of its own.

mod column;
mod facts;
mod lines;
mod link;
mod plan;
mod session;
mod statements;

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
mod tests;

use sqlx::postgres::PgConnectOptions;
use tokio::runtime::{Builder, Runtime};

use super::committer::Database;
use super::session::{Broken, Session};
use crate::store::Durability;
use session::Open;

/// Registers the process as a writer once more; answers the number.
pub(super) type Register = Box<dyn FnMut() -> Result<i64, Broken> + Send>;

/// The database, for as many connections as it takes.
pub(super) struct Postgres {
    options: PgConnectOptions,
    /// The number of the writer, and of its audit chain.
    chain: i64,
    register: Register,
    /// Made on the thread that uses it.
    runtime: Option<Runtime>,
}

impl Postgres {
    /// For the writer of this number.
    pub(super) fn new(
        options: &PgConnectOptions,
        durability: Durability,
        chain: i64,
        register: Register,
    ) -> Self {
        let mut options = options.clone();
        // Otherwise as the server is set: a killed gateway loses nothing either way.
        if durability == Durability::PowerLoss {
            options = options.options([("synchronous_commit", "on")]);
        }
        Self {
            options,
            chain,
            register,
            runtime: None,
        }
    }
}

impl Database for Postgres {
    fn with(
        &mut self,
        serve: &mut dyn FnMut(&mut dyn Session) -> Result<(), Broken>,
    ) -> Result<(), Broken> {
        let runtime = match self.runtime.take() {
            Some(runtime) => runtime,
            None => Builder::new_current_thread().enable_all().build()?,
        };
        let runtime = self.runtime.insert(runtime);
        loop {
            match runtime.block_on(Open::connect(&self.options, self.chain)) {
                Ok(open) => return serve(&mut open.on(runtime)),
                Err(Broken::Expired) => {
                    tracing::warn!(
                        "another gateway took this one for dead and closed the calls that it had open; they can no longer be charged"
                    );
                    self.chain = (self.register)()?;
                }
                Err(error) => return Err(error),
            }
        }
    }
}
