//! The writer as its callers see it, on a database in a directory of its own.

mod audited;
mod exactly_once;
mod failing;
mod recorded;
mod restarted;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::{Opened, Records, RecordsConfig, Router};
use crate::store::{AgentId, Key, Store, StoreConfig, TenantId};

/// A database that is removed at the end.
struct Place(PathBuf);

impl Place {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("ainfera-records-{}-{number}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }

    fn file(&self) -> PathBuf {
        self.0.join("ainfera.db")
    }

    async fn store(&self) -> Store {
        let mut config = StoreConfig::at(self.file());
        config.busy_timeout = Duration::from_millis(50);
        Store::open(config).await.unwrap()
    }

    async fn start(&self) -> (Store, Records) {
        let store = self.store().await;
        let records = Records::start(RecordsConfig::default(), &store)
            .await
            .unwrap();
        (store, records)
    }

    /// A connection past all that the writer does.
    fn outside(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.file()).unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

const TENANT: TenantId = TenantId(Key(1));
const AGENT: AgentId = AgentId(Key(2));

fn routed(records: &Records) -> Opened {
    let model = "ainfera-inference".to_owned();
    Opened {
        dispatched: true,
        ..Opened::new(
            records.key(),
            Router::Policy,
            TENANT,
            AGENT,
            "/v1/messages",
            model,
        )
    }
}

/// Waits for what comes by itself, but not for ever.
async fn until(what: &str, mut done: impl FnMut() -> bool) {
    for _ in 0..500 {
        if done() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("waited in vain until {what}");
}
