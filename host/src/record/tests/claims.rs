//! Idempotency keys, against a model of them, at a clock of the test's own.

use std::collections::BTreeMap;

use bytes::Bytes;
use futures_util::future::join_all;
use proptest::prelude::*;

use super::super::{
    Claim, Hold, Kept, NotOpened, OpenCall, Opened, Outcome, Records, Shortfall, Status,
};
use super::{Place, routed};
use crate::store::idempotency::{Found, delete_expired, find};
use crate::store::{Digest, Key, Store};

/// What happens. Keys and bodies are small numbers, times seconds.
#[derive(Clone, Copy, Debug)]
enum Act {
    /// So many calls at once want a key.
    Open {
        key: u8,
        body: u8,
        lasts: i64,
        many: usize,
    },
    /// A call wants a key, and there is no money for it.
    OpenShort { key: u8, body: u8 },
    /// One of the open calls ends.
    End { which: usize, how: End },
    /// Time passes.
    Wait { seconds: i64 },
    /// Some of what is over is deleted.
    Clean { most: i64 },
    /// The process is killed, and another starts.
    Crash,
}

#[derive(Clone, Copy, Debug)]
enum End {
    Kept,
    TooLong,
    Failed,
    /// It has an answer to keep, and does not succeed after all.
    Interrupted,
    Dropped,
}

/// What the model has under a key.
#[derive(Clone, Debug)]
struct Entry {
    call: Key,
    body: u8,
    until: i64,
    answer: Option<String>,
}

/// What is compared.
struct World {
    place: Place,
    /// None only while a process is dead.
    live: Option<(Store, Records)>,
    open: Vec<OpenCall>,
    now: i64,
    model: BTreeMap<u8, Entry>,
}

fn digest(number: u8) -> Digest {
    Digest::of(&[number])
}

impl World {
    async fn new() -> Self {
        let place = Place::new();
        let live = Some(place.start().await);
        Self {
            place,
            live,
            open: Vec::new(),
            now: 1_000,
            model: BTreeMap::new(),
        }
    }

    fn store(&self) -> &Store {
        &self.live.as_ref().unwrap().0
    }

    fn records(&self) -> &Records {
        &self.live.as_ref().unwrap().1
    }

    /// How many keys there are whose time is over.
    fn over(&self) -> i64 {
        let sql = "SELECT count(*) FROM idempotency_keys WHERE expires_us <= ?";
        let place = self.place.outside();
        place.query_row(sql, [self.now], |row| row.get(0)).unwrap()
    }

    fn call(&self, key: u8, body: u8, lasts: i64) -> Opened {
        let claim = Claim {
            scope: digest(key),
            body: digest(body),
            expires_us: self.now + lasts,
        };
        Opened {
            at_us: self.now,
            claim: Some(claim),
            ..routed(self.records())
        }
    }

    /// Whether nobody has this key now.
    fn is_free(&self, key: u8) -> bool {
        self.model
            .get(&key)
            .is_none_or(|entry| entry.until <= self.now)
    }

    /// The call's entry is no more, if it still has one.
    fn free(&mut self, call: Key) {
        self.model.retain(|_, entry| entry.call != call);
    }

    async fn act(&mut self, act: Act) {
        match act {
            Act::Open {
                key,
                body,
                lasts,
                many,
            } => {
                let free = self.is_free(key);
                let calls = (0..many).map(|_| self.records().open(self.call(key, body, lasts)));
                let mut winners = Vec::new();
                for opened in join_all(calls).await {
                    match opened {
                        Ok(call) => winners.push(call),
                        Err(error) => assert_eq!(error, NotOpened::Claimed),
                    }
                }
                // One whose time is over at once is taken over at once.
                let expected = match (free, lasts) {
                    (false, _) => 0,
                    (true, 0) => many,
                    (true, _) => 1,
                };
                assert_eq!(winners.len(), expected);
                if let Some(last) = winners.iter().map(OpenCall::key).max() {
                    let until = self.now + lasts;
                    self.model.insert(
                        key,
                        Entry {
                            call: last,
                            body,
                            until,
                            answer: None,
                        },
                    );
                }
                self.open.extend(winners);
            }
            Act::OpenShort { key, body } => {
                let opened = Opened {
                    hold: Some(Hold::new(5, Some(0), None)),
                    ..self.call(key, body, 60)
                };
                let error = self.records().open(opened).await.unwrap_err();
                if self.is_free(key) {
                    let short = Shortfall::Funds { needed: 5, left: 0 };
                    assert_eq!(error, NotOpened::Short(short));
                    self.model.remove(&key);
                } else {
                    assert_eq!(error, NotOpened::Claimed);
                }
            }
            Act::End { which, how } => {
                if !self.open.is_empty() {
                    let call = self.open.swap_remove(which % self.open.len());
                    self.end(call, how).await;
                }
            }
            Act::Wait { seconds } => self.now += seconds,
            Act::Clean { most } => {
                let over = self.over();
                let mut tx = self.store().begin().await.unwrap();
                let deleted = delete_expired(&mut tx, self.now, most).await.unwrap();
                tx.commit().await.unwrap();
                assert_eq!(deleted, over.min(most) as u64);
                assert_eq!(self.over(), over - over.min(most));
            }
            Act::Crash => {
                for call in std::mem::take(&mut self.open) {
                    self.free(call.key());
                    std::mem::forget(call);
                }
                // The lock is gone before the next start.
                drop(self.live.take());
                self.live = Some(self.place.start().await);
            }
        }
    }

    async fn end(&mut self, mut call: OpenCall, how: End) {
        let key = call.key();
        let answer = format!("answer of {key:?}");
        if let End::Kept | End::Interrupted | End::Dropped = how {
            call.keep(Kept {
                head: "{}".to_owned(),
                body: Bytes::from(answer.clone()),
            });
        }
        match how {
            End::Kept | End::TooLong => call.close(Outcome::succeeded()).await.unwrap(),
            End::Failed => {
                let outcome = Outcome::because(Status::Failed, "x");
                call.close(outcome).await.unwrap();
            }
            End::Interrupted => {
                let outcome = Outcome::because(Status::Interrupted, "x");
                call.close(outcome).await.unwrap();
            }
            End::Dropped => drop(call),
        }
        if let End::Kept = how {
            let mut entries = self.model.values_mut();
            if let Some(entry) = entries.find(|entry| entry.call == key) {
                entry.answer = Some(answer);
            }
        } else {
            self.free(key);
        }
    }

    /// The database has what the model has, for whoever asks.
    async fn compare(&self) {
        self.records().flush().await.unwrap();
        for key in 0..KEYS {
            for body in 0..BODIES {
                let found = find(self.store(), digest(key), digest(body), self.now).await;
                let expected = self.model.get(&key).filter(|entry| entry.until > self.now);
                let expected = expected.map(|entry| match &entry.answer {
                    _ if entry.body != body => Found::Other,
                    None => Found::Running,
                    Some(answer) => Found::Kept {
                        head: "{}".to_owned(),
                        answer: answer.clone().into_bytes(),
                    },
                });
                assert_eq!(found.unwrap(), expected, "key {key}, body {body}");
            }
        }
    }
}

const KEYS: u8 = 3;
const BODIES: u8 = 2;

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let end = prop_oneof![
        3 => Just(End::Kept),
        1 => Just(End::TooLong),
        1 => Just(End::Failed),
        1 => Just(End::Interrupted),
        1 => Just(End::Dropped),
    ];
    let act = prop_oneof![
        6 => (0..KEYS, 0..BODIES, 0..30_i64, 1..5_usize)
            .prop_map(|(key, body, lasts, many)| Act::Open { key, body, lasts, many }),
        1 => (0..KEYS, 0..BODIES).prop_map(|(key, body)| Act::OpenShort { key, body }),
        6 => (any::<usize>(), end).prop_map(|(which, how)| Act::End { which, how }),
        3 => (0..20_i64).prop_map(|seconds| Act::Wait { seconds }),
        1 => (1..4_i64).prop_map(|most| Act::Clean { most }),
        1 => Just(Act::Crash),
    ];
    prop::collection::vec(act, 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn keys_are_as_in_the_model(acts in acts()) {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let mut world = World::new().await;
            for act in acts {
                world.act(act).await;
                world.compare().await;
            }
        });
    }
}
