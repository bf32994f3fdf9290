//! The one owner of an open call.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::mpsc::OwnedPermit;
use tokio::sync::oneshot;

use super::claim::Kept;
use super::closed::{Closed, Outcome, Progress};
use super::hold::{Shortfall, charge};
use super::message::{Answer, Message, Write};
use super::metrics::About;
use super::opened::{CallRef, Opened};
use super::shared::Shared;
use super::traced::Traced;
use super::words::Status;
use super::{NotOpened, RecordsUnavailable};
use crate::store::{Key, now_us};

/// An open call: a pending row that this value closes, exactly once.
///
/// [`close`](Self::close) closes it with an outcome. Dropped instead, on
/// whatever way out, it closes the call as `cancelled`, or in a panic as
/// `failed`, with the progress so far. The place of the close in the writer's
/// queue was reserved when the call opened, so neither waits nor can fail to
/// be queued.
#[derive(Debug)]
#[must_use = "dropping it closes the call as cancelled"]
pub struct OpenCall {
    call: CallRef,
    about: About,
    shared: Arc<Shared>,
    started: Instant,
    progress: Progress,
    traced: Option<Traced>,
    kept: Option<Kept>,
    /// Taken when the close is sent.
    place: Option<OwnedPermit<Message>>,
    /// Whether the opened row is known to be committed.
    committed: bool,
}

impl OpenCall {
    pub(super) fn new(opened: &Opened, place: OwnedPermit<Message>, shared: Arc<Shared>) -> Self {
        shared.begun();
        Self {
            call: CallRef::of(opened),
            about: About::of(opened),
            traced: shared.traced(opened),
            shared,
            started: opened.started,
            progress: Progress::default(),
            kept: None,
            place: Some(place),
            committed: false,
        }
    }

    /// The call's key.
    #[must_use]
    pub fn key(&self) -> Key {
        self.call.key
    }

    /// When the call came.
    #[must_use]
    pub fn started(&self) -> Instant {
        self.started
    }

    /// What is known of the call so far, to be kept up to date: it is what a
    /// close records, by whichever way out.
    pub fn progress(&mut self) -> &mut Progress {
        &mut self.progress
    }

    /// What the call's idempotency key keeps if it closes as succeeded.
    pub fn keep(&mut self, kept: Kept) {
        self.kept = Some(kept);
    }

    /// Closes the call, and resolves when that is committed. The close is
    /// queued before the first wait: a caller that gives up waiting loses
    /// nothing. An error says that the commit is still to come, or that the
    /// database refused this row.
    pub async fn close(mut self, outcome: Outcome) -> Result<(), RecordsUnavailable> {
        if cfg!(feature = "unrecorded") {
            return Ok(());
        }
        let (answer, answered) = oneshot::channel();
        self.send(outcome, Some(answer));
        let sent = Instant::now();
        let result = match answered.await {
            Ok(result) => result.map_err(NotOpened::unavailable),
            Err(_) => Err(RecordsUnavailable::Stopped),
        };
        self.shared
            .metrics
            .after_answer
            .observe_time(sent.elapsed());
        result
    }

    /// Whether the opened row is known to be committed.
    #[must_use]
    pub fn is_committed(&self) -> bool {
        self.committed
    }

    /// The opened row is committed.
    pub(super) fn confirm(&mut self) {
        self.committed = true;
        if let Some(traced) = &mut self.traced {
            traced.dispatched();
        }
    }

    /// The row is a refused one: the call is not made.
    pub(super) fn declined(&mut self, why: Shortfall) {
        if let Some(traced) = self.traced.take() {
            self.shared.otlp.ended(traced.declined(why));
        }
    }

    /// There is no opened row, so nothing to close.
    pub(super) fn disarm(&mut self) {
        if self.place.take().is_some() {
            self.shared.over();
        }
    }

    fn send(&mut self, outcome: Outcome, answer: Option<Answer>) {
        let Some(place) = self.place.take() else {
            return;
        };
        let latency = i64::try_from(self.started.elapsed().as_micros()).unwrap_or(i64::MAX);
        let progress = std::mem::take(&mut self.progress);
        let kept = self.kept.take();
        let closed = Closed {
            at_us: now_us(),
            latency_us: Some(latency),
            charged_nanousd: charge(
                outcome.status,
                progress.first_token_us.is_some(),
                progress.cost_nanousd,
            ),
            kept: kept.filter(|_| outcome.status == Status::Succeeded),
            outcome,
            progress,
        };
        let metrics = &self.shared.metrics;
        metrics.ended(
            self.about,
            closed.outcome.status,
            closed.latency_us,
            &closed.progress,
        );
        if let Some(traced) = self.traced.take() {
            let ended = traced.ended(&closed.outcome, &closed.progress);
            self.shared.otlp.ended(ended);
        }
        place.send(Message::Write(Write::closed(
            self.call,
            closed,
            self.committed,
            answer,
        )));
        // After it: who stops the writer when nothing is pending stops behind this.
        self.shared.over();
    }
}

impl Drop for OpenCall {
    fn drop(&mut self) {
        let outcome = if std::thread::panicking() {
            Outcome::because(Status::Failed, "aborted")
        } else if self.shared.is_cut() {
            Outcome::because(Status::Cancelled, "gateway_stopped")
        } else {
            Outcome::because(Status::Cancelled, "client_left")
        };
        self.send(outcome, None);
    }
}
