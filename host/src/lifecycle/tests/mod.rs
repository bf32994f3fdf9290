//! The whole life, on a database of its own.

mod authorize;
mod change;
mod founders;
mod revoke;
mod start;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use ed25519_dalek::SigningKey;
use jiff::{SignedDuration, Timestamp};

use super::dsse::Envelope;
use super::keys::FounderKey;
use super::statement::{PAYLOAD_TYPE, Statement, Subject};
use super::window::WindowError;
use super::*;
use crate::policy::{Floor, PolicyEngine, Slot};
use crate::record::audit::{Head, verify as verify_chain};
use crate::store::audit::{self, CONTROL_CHAIN};
use crate::store::components::{self, ComponentState};
use crate::store::generations::{self, GenerationKind};
use crate::store::{Digest, Store, StoreConfig};

const STEEP: &[u8] = include_bytes!("../../../../plugins/dist/preference-dial-steep.wasm");

/// A lifecycle and where it is kept, deleted at the end.
struct House {
    life: Arc<Lifecycle>,
    store: Store,
    dir: PathBuf,
}

impl Drop for House {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

impl House {
    async fn new() -> Self {
        let dir = std::env::temp_dir().join(format!(
            "ainfera-life-{}",
            crate::store::Key::random().unwrap().0
        ));
        let store = Store::open(StoreConfig::at(dir.join("a.db")))
            .await
            .unwrap();
        let life = begin(&store, &Options::default()).await.unwrap();
        Self { life, store, dir }
    }

    async fn again(&self, options: &Options) -> Result<Arc<Lifecycle>, BootError> {
        begin(&self.store, options).await
    }

    fn founder(seed: u8) -> (SigningKey, String) {
        let key = SigningKey::from_bytes(&[seed; 32]);
        let public = FounderKey {
            id: keys::id(&key.verifying_key()),
            key: key.verifying_key(),
            revoked: false,
        };
        (key, public.to_pem().unwrap())
    }

    async fn enrolled(&self) -> SigningKey {
        let (key, pem) = Self::founder(1);
        self.life.enrol_founder(&pem, "test").await.unwrap();
        key
    }

    async fn propose_steep(&self) -> Subject {
        let digest = self
            .life
            .upload(Bytes::from_static(STEEP), "test")
            .await
            .unwrap()
            .component
            .digest;
        self.life
            .propose(
                BTreeMap::from([(Slot::PreferenceDial, digest)]),
                &replay::Window::default(),
                "test",
            )
            .await
            .unwrap()
            .subject
    }

    /// Authorizes with enough signatures, or not at all.
    async fn authorize(&self, envelope: &Envelope) -> Result<Activated, AuthorizeError> {
        match self.life.authorize(envelope).await? {
            Authorized::Active(carried) => Ok(carried.activated),
            Authorized::Waiting(signed) => panic!("waits: {signed:?}"),
        }
    }

    /// What `quality` makes of 0.50, with the gate open.
    fn quality(&self) -> String {
        let set = Arc::clone(&self.life.active().load().active.set);
        set.floor(Some("quality"), Floor::DEFAULT, true)
            .unwrap()
            .floor
            .to_string()
    }

    async fn events(&self) -> Vec<String> {
        let rows = audit::page(&self.store, CONTROL_CHAIN, 0, 1_000)
            .await
            .unwrap();
        verify_chain(
            Head {
                seq: 0,
                link: Digest::default(),
            },
            &rows,
        )
        .unwrap();
        let name = |body: &str| {
            serde_json::from_str::<serde_json::Value>(body).unwrap()["event"]
                .as_str()
                .unwrap()
                .to_owned()
        };
        rows.iter().map(|row| name(&row.body)).collect()
    }
}

async fn begin(store: &Store, options: &Options) -> Result<Arc<Lifecycle>, BootError> {
    start(
        PolicyEngine::new().unwrap(),
        store.clone(),
        Arc::new(|name: &str| name == "gpt-4o"),
        options,
    )
    .await
}

fn statement(subject: Subject) -> Statement {
    let now = Timestamp::now();
    Statement::new(subject, now, now + SignedDuration::from_mins(10)).unwrap()
}

fn signed(key: &SigningKey, statement: &Statement) -> Envelope {
    Envelope::sign(key, PAYLOAD_TYPE, &serde_json::to_vec(statement).unwrap())
}
