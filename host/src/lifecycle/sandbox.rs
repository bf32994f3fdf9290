//! Components that are tried without being uploaded: nothing of them is stored,
//! and nothing that is done here reaches the active set.
//!
//! One is tried at a time, and in the verifier's turn: whoever uploads waits for
//! one of these at most.

use std::num::NonZeroU32;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde::Serialize;
use tokio::sync::{Semaphore, SemaphorePermit};
use utoipa::ToSchema;

use super::background;
use super::diff::{self, Diff, DiffError};
use super::error::Internal;
use super::evaluate::{Answered, Question, evaluate};
use super::load::LoadedError;
use super::replay::{Replay, Window, replay};
use super::service::Lifecycle;
use super::verify::{self, Rejected, verify};
use crate::policy::processor;
use crate::policy::{Component, PolicyEngine, PolicySet, Slot};
use crate::store::{Digest, components};

/// What an author may use in a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Calls.
    pub requests: NonZeroU32,
    /// Compiling and running components.
    pub time: Duration,
}

/// Those who may wait for their turn; more are refused.
const WAITING: usize = 8;

/// Processor time for which questions are put to a component.
const PATIENCE: Duration = Duration::from_secs(10);

/// Decisions of a replay, at least and at most.
const FEWEST: u32 = 100;
const MOST: u32 = 100_000;

/// Whose turn it is to be tried.
pub(super) struct Sandbox {
    queue: Semaphore,
    turn: Semaphore,
}

/// A turn, until it is dropped.
#[expect(dead_code, reason = "held, not read")]
struct Turn<'a>(SemaphorePermit<'a>, SemaphorePermit<'a>);

/// What is tried.
#[derive(Clone, Debug)]
pub enum Tried {
    /// A component that nobody uploaded.
    Bytes(Bytes),
    /// One that was uploaded, in whatever state it is.
    Uploaded(Digest),
}

/// What came of a trial, and how long it kept the verifier.
#[derive(Debug)]
pub struct Ran<T> {
    /// What came of it.
    pub outcome: Result<T, Untried>,
    /// Compiling included, waiting not.
    pub took: Duration,
}

/// Why a component was not tried to the end.
#[derive(Debug, thiserror::Error)]
pub enum Untried {
    /// Too many are being tried.
    #[error("too many components wait to be tried; try again in a few seconds")]
    Busy,
    /// Nothing of this digest.
    #[error("there is no component {0}; send its bytes instead")]
    Missing(Digest),
    /// It breaks a law, or is no component at all.
    #[error(transparent)]
    Rejected(#[from] Rejected),
    /// The two cannot be compared.
    #[error(transparent)]
    Diff(#[from] DiffError),
    /// It does not make a set with what is active.
    #[error(transparent)]
    Set(#[from] LoadedError),
    /// Nobody's mistake.
    #[error(transparent)]
    Internal(#[from] Internal),
}

/// What a component answers to questions.
#[derive(Debug, Serialize, ToSchema)]
pub struct Answers {
    /// The slot that it fills.
    pub slot: Slot,
    /// SHA-256 of its bytes.
    pub digest: Digest,
    /// One for each question, in their order.
    pub answers: Vec<Said>,
}

/// What came of a question.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = SandboxAnswer)]
pub enum Said {
    /// An answer.
    Answered(Answered),
    /// None.
    Unanswered {
        /// Why.
        error: String,
    },
}

impl Default for Sandbox {
    fn default() -> Self {
        Self {
            queue: Semaphore::new(1 + WAITING),
            turn: Semaphore::new(1),
        }
    }
}

impl Lifecycle {
    /// Verifies a component as an upload of it would, and keeps nothing.
    ///
    /// # Errors
    /// If too many wait. That it breaks a law is an outcome.
    pub async fn try_check(&self, tried: Tried) -> Result<Ran<verify::Report>, Untried> {
        let bytes = self.bytes(tried).await?;
        let is_model = Arc::clone(&self.library.is_model);
        let check = move |engine: &PolicyEngine| {
            let verified = verify(engine, &bytes, &*is_model)?;
            Ok(verified.report)
        };
        self.run(&self.turn().await?, check).await
    }

    /// Puts `questions` to a component, each in a fresh sandbox, until 10 seconds
    /// of processor time are used.
    ///
    /// # Errors
    /// If too many wait. That it cannot be loaded is an outcome.
    pub async fn try_questions(
        &self,
        tried: Tried,
        questions: Vec<Question>,
    ) -> Result<Ran<Answers>, Untried> {
        let bytes = self.bytes(tried).await?;
        let ask = move |engine: &PolicyEngine| {
            let component = load(engine, &bytes)?;
            let end = processor::used() + PATIENCE;
            let answers = questions
                .iter()
                .map(|question| put(&component, question, end));
            Ok(Answers {
                slot: component.slot(),
                digest: component.digest(),
                answers: answers.collect(),
            })
        };
        self.run(&self.turn().await?, ask).await
    }

    /// Compares two components over the whole grid.
    ///
    /// # Errors
    /// If too many wait. That they cannot be compared is an outcome.
    pub async fn try_diff(&self, a: Tried, b: Tried) -> Result<Ran<Diff>, Untried> {
        let (a, b) = (self.bytes(a).await?, self.bytes(b).await?);
        let compare = move |engine: &PolicyEngine| {
            let (a, b) = (load(engine, &a)?, load(engine, &b)?);
            let end = processor::used() + PATIENCE;
            let until = |_, _| match processor::used() < end {
                true => ControlFlow::Continue(()),
                false => ControlFlow::Break(()),
            };
            Ok(diff::compare(&a, &b, until)?)
        };
        self.run(&self.turn().await?, compare).await
    }

    /// Decides the latest recorded decisions again with a component in its slot of
    /// the active set. Whoever wants what was recorded last flushes the records
    /// first.
    ///
    /// Aggregates alone: who tries a component may not read decisions, so no
    /// agent, request or example is named, and the window is never narrow.
    ///
    /// # Errors
    /// If too many wait. That it breaks a law is an outcome.
    pub async fn try_replay(&self, tried: Tried, latest: u32) -> Result<Ran<Replay>, Untried> {
        let bytes = self.bytes(tried).await?;
        let turn = self.turn().await?;
        let is_model = Arc::clone(&self.library.is_model);
        let base = Arc::clone(&self.active.load().active);
        let prepare = move |engine: &PolicyEngine| {
            let candidate = verify(engine, &bytes, &*is_model)?.component;
            let of = |slot| match candidate.slot() == slot {
                true => Arc::clone(&candidate),
                false => Arc::clone(base.set.component(slot)),
            };
            let set = PolicySet::new(
                of(Slot::AliasResolver),
                of(Slot::PreferenceDial),
                of(Slot::FloorClamp),
            );
            Ok((base, set.map_err(LoadedError::from)?))
        };
        let Ran { outcome, took } = self.run(&turn, prepare).await?;
        let (base, set) = match outcome {
            Ok(sets) => sets,
            Err(error) => {
                let outcome = Err(error);
                return Ok(Ran { outcome, took });
            }
        };
        let started = Instant::now();
        let window = Window {
            latest: Some(latest.clamp(FEWEST, MOST)),
            ..Window::default()
        };
        // Its memories are its own: nothing of the active set is touched.
        let replay = replay(self.store(), &window, &base.set, &set).await?;
        Ok(Ran {
            outcome: Ok(aggregates(replay)),
            took: took + started.elapsed(),
        })
    }

    async fn bytes(&self, tried: Tried) -> Result<Bytes, Untried> {
        let digest = match tried {
            Tried::Bytes(bytes) => return Ok(bytes),
            Tried::Uploaded(digest) => digest,
        };
        let bytes = components::bytes(self.store(), digest).await;
        let bytes = bytes.map_err(Internal::from)?;
        bytes.map(Bytes::from).ok_or(Untried::Missing(digest))
    }

    /// Waits to be the one that is tried.
    async fn turn(&self) -> Result<Turn<'_>, Untried> {
        let Sandbox { queue, turn } = &self.sandbox;
        let place = queue.try_acquire().map_err(|_| Untried::Busy)?;
        let turn = turn.acquire().await.map_err(|_| Untried::Busy)?;
        Ok(Turn(place, turn))
    }

    /// Runs `work` off the runtime's threads, when the verifier is free.
    async fn run<T: Send + 'static>(
        &self,
        _: &Turn<'_>,
        work: impl FnOnce(&PolicyEngine) -> Result<T, Untried> + Send + 'static,
    ) -> Result<Ran<T>, Untried> {
        let verifier = Arc::clone(&self.library.verifier).acquire_owned().await;
        let engine = self.library.engine.clone();
        let work = move || {
            // It lasts as long as the work, even if the caller leaves.
            let _verifier = verifier;
            let started = Instant::now();
            let outcome = work(&engine);
            Ran {
                outcome,
                took: started.elapsed(),
            }
        };
        Ok(background::run(work).await?)
    }
}

fn load(engine: &PolicyEngine, bytes: &[u8]) -> Result<Component, Untried> {
    Component::load(engine, bytes)
        .map_err(|error| Rejected::unloadable(Digest::of(bytes), &error).into())
}

/// What a replay says of no one in particular.
fn aggregates(mut replay: Replay) -> Replay {
    (replay.window.first, replay.window.last) = (None, None);
    for breakdown in [&mut replay.as_recorded, &mut replay.gate_open] {
        let agents = std::mem::take(&mut breakdown.agents);
        breakdown.agents_left_off += agents.len() as u64;
        breakdown.examples.clear();
    }
    replay
}

fn put(component: &Component, question: &Question, end: Duration) -> Said {
    if processor::used() >= end {
        let seconds = PATIENCE.as_secs();
        return Said::Unanswered {
            error: format!("not asked: the {seconds} seconds of this call are over; ask less"),
        };
    }
    match evaluate(component, question) {
        Ok(answered) => Said::Answered(answered),
        Err(error) => Said::Unanswered {
            error: error.to_string(),
        },
    }
}
