//! A shadow that runs: a thread of its own decides what calls tell it.

use std::collections::VecDeque;
use std::io;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;

use super::status::{Ended, EndedBy, State, Status};
use crate::lifecycle::background;
use crate::lifecycle::replay::{Basis, Counting, Example, Outcome, Pair};
use crate::lifecycle::statement::Base;
use crate::policy::PolicySet;
use crate::policy::set::Digests;
use crate::policy::shadow::{Counts, Sample};
use crate::store::calls::Inputs;
use crate::store::now_us;

/// Examples that are kept from the beginning, and as many from the end.
const EXAMPLES: usize = 10;

/// What is known of a shadow from its start.
pub(super) struct About {
    pub(super) base: Base,
    pub(super) result: Digests,
    pub(super) sample: Sample,
    pub(super) started_us: i64,
    pub(super) actor: String,
}

/// A shadow that runs, or ran.
pub(in crate::lifecycle) struct Run {
    pub(super) about: About,
    counts: Arc<Counts>,
    found: Mutex<Found>,
    ended: OnceLock<Ended>,
}

#[derive(Default)]
struct Found {
    tally: Counting,
    left_out: u64,
    first: Vec<Example>,
    last: VecDeque<Example>,
}

impl Run {
    /// Decides each of `calls` by `before` and `after`, until no more can come.
    pub(super) fn start(
        about: About,
        counts: Arc<Counts>,
        calls: Receiver<Inputs>,
        (before, after): (Arc<PolicySet>, Arc<PolicySet>),
    ) -> io::Result<Arc<Self>> {
        let run = Arc::new(Self {
            about,
            counts,
            found: Mutex::default(),
            ended: OnceLock::new(),
        });
        let this = Arc::clone(&run);
        thread::Builder::new()
            .name("shadow".to_owned())
            .spawn(move || {
                background::give_way();
                calls
                    .iter()
                    .for_each(|call| this.decide(&call, &before, &after))
            })?;
        Ok(run)
    }

    fn decide(&self, call: &Inputs, before: &PolicySet, after: &PolicySet) {
        let Ok(basis) = Basis::read(call) else {
            self.found().left_out += 1;
            return;
        };
        let pair = Pair::of(
            Outcome::of(&basis, before, basis.live),
            Outcome::of(&basis, after, basis.live),
        );
        self.counts.decided(pair.difference.any());
        let mut found = self.found();
        found.tally.note(&pair);
        if !pair.difference.any() {
            return;
        }
        let example = pair.example(&call.request_id, &basis);
        if found.first.len() < EXAMPLES {
            found.first.push(example);
        } else {
            if found.last.len() == EXAMPLES {
                found.last.pop_front();
            }
            found.last.push_back(example);
        }
    }

    fn found(&self) -> std::sync::MutexGuard<'_, Found> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of its end.
    pub(super) fn end(&self, by: EndedBy) {
        let at_us = now_us();
        // Whoever is first ends it.
        let _ = self.ended.set(Ended { at_us, by });
    }

    pub(super) fn runs(&self) -> bool {
        self.ended.get().is_none()
    }

    pub(super) fn status(&self) -> Status {
        let About {
            base,
            result,
            sample,
            started_us,
            actor,
        } = &self.about;
        let found = self.found();
        let counted = self.counts.read();
        Status {
            state: if self.runs() {
                State::Running
            } else {
                State::Ended
            },
            base: base.clone(),
            result: *result,
            sample: sample.get().to_string(),
            started_us: *started_us,
            actor: actor.clone(),
            ended: self.ended.get().copied(),
            seen: counted.seen,
            sampled: counted.sampled,
            skipped: counted.skipped,
            left_out: found.left_out,
            tally: found.tally.finish(),
            first: found.first.clone(),
            last: found.last.iter().cloned().collect(),
        }
    }
}
