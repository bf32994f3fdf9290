//! The clients: many errands at once, whatever happens to the gateway.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use super::Door;
use super::attempt::{Attempt, Ending};
use super::dice::Dice;
use super::errand::{Course, Errand};
use crate::client::Client;

/// How often a keyed request is sent at most.
const TRIES: usize = 12;
/// How often, where its provider never answers it whole.
const VAIN_TRIES: usize = 3;
/// Of how many errands the keyed ones are sent again at the end.
const AGAIN: usize = 1_000;
/// Before a caller tries again whose keyed request is still in flight, or whose
/// gateway has no database.
const LATER: Duration = Duration::from_millis(10);
/// How long a caller waits for a gateway that is not there.
const DOWN: Duration = Duration::from_secs(30);

/// What the callers share.
pub(super) struct Callers {
    seed: u64,
    next: AtomicU64,
    door: watch::Receiver<Door>,
    log: Mutex<Vec<Attempt>>,
    tasks: Mutex<JoinSet<()>>,
}

impl Callers {
    /// Starts `count` callers, who go on until the door says that it is over.
    pub(super) fn start(seed: u64, count: usize, door: watch::Receiver<Door>) -> Arc<Self> {
        let callers = Arc::new(Self {
            seed,
            next: AtomicU64::new(0),
            door,
            log: Mutex::default(),
            tasks: Mutex::default(),
        });
        for _ in 0..count {
            let task = Arc::clone(&callers).errands();
            callers.tasks().spawn(task);
        }
        callers
    }

    /// Waits until all have done what they were at.
    pub(super) async fn finish(&self) {
        let mut tasks = std::mem::take(&mut *self.tasks());
        while let Some(done) = tasks.join_next().await {
            done.expect("a caller that heard what its dialect allows");
        }
    }

    /// Every attempt so far, in the order in which they ended.
    pub(super) fn attempts(&self) -> Vec<Attempt> {
        self.log
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// How many attempts were made so far.
    pub(super) fn made(&self) -> usize {
        let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.len()
    }

    /// Sends each keyed request of late once more, one at a time: whatever died
    /// since, its answer is kept, or its key is free.
    pub(super) async fn again(&self, client: &Client) {
        let mut tries: BTreeMap<u64, usize> = BTreeMap::new();
        for attempt in self.attempts() {
            *tries.entry(attempt.errand).or_default() += 1;
        }
        for (number, tries) in tries.into_iter().rev().take(AGAIN) {
            let errand = Errand::of(self.seed, number);
            if errand.keyed {
                let mut attempt = Attempt::make(client, &errand, tries, true).await;
                attempt.alone = true;
                self.note(attempt);
            }
        }
    }

    fn tasks(&self) -> std::sync::MutexGuard<'_, JoinSet<()>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, attempt: Attempt) {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.push(attempt);
    }

    async fn errands(self: Arc<Self>) {
        let mut door = self.door.clone();
        while !door.borrow().closing {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            self.run(&Errand::of(self.seed, number), &mut door).await;
        }
    }

    /// Sends one errand's request: once, or where it is keyed until its answer has
    /// come, and sometimes again.
    async fn run(&self, errand: &Errand, door: &mut watch::Receiver<Door>) {
        let mut dice = Dice::of(self.seed, "caller", errand.number);
        let tries = match errand.course {
            _ if !errand.keyed => 1,
            Course::Answers | Course::FallsBack => TRIES,
            _ => VAIN_TRIES,
        };
        let mut wanted = 1 + dice.within(0..3);
        let mut number = 0;
        while number < tries && wanted > 0 {
            let Door {
                client, closing, ..
            } = door.borrow_and_update().clone();
            if closing {
                return;
            }
            let mut attempts = vec![Attempt::make(&client, errand, number, number > 0)];
            if errand.keyed && dice.one_in(4) {
                // Two at once: one of them is in flight, or answered already.
                attempts.push(Attempt::make(&client, errand, number + 1, true));
            }
            number += attempts.len();
            let attempts = futures_util::future::join_all(attempts).await;
            let any = |what: fn(&Attempt) -> bool| attempts.iter().any(what);
            let down = any(|a| matches!(a.end, Ending::Refused | Ending::Broken));
            let later = any(|a| a.unrecorded() || a.code() == Some("idempotency_in_flight"));
            if any(|a| a.whole().is_some()) {
                wanted -= 1;
            }
            for attempt in attempts {
                self.note(attempt);
            }
            if down {
                let _ = tokio::time::timeout(DOWN, door.changed()).await;
            } else if later {
                tokio::time::sleep(LATER).await;
            }
        }
    }
}
