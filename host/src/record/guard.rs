//! The one owner of an open call.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::mpsc::OwnedPermit;
use tokio::sync::oneshot;

use super::RecordsUnavailable;
use super::closed::{Closed, Outcome, Progress};
use super::message::{Answer, Message, Write};
use super::metrics::About;
use super::opened::{CallRef, Opened};
use super::shared::Shared;
use super::words::Status;
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
    /// Taken when the close is sent.
    place: Option<OwnedPermit<Message>>,
    /// Whether the opened row is known to be committed.
    committed: bool,
}

impl OpenCall {
    pub(super) fn new(opened: &Opened, place: OwnedPermit<Message>, shared: Arc<Shared>) -> Self {
        Self {
            call: CallRef::of(opened),
            about: About::of(opened),
            shared,
            started: opened.started,
            progress: Progress::default(),
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

    /// Closes the call, and resolves when that is committed. The close is
    /// queued before the first wait: a caller that gives up waiting loses
    /// nothing. An error says that the commit is still to come, or that the
    /// database refused this row.
    pub async fn close(mut self, outcome: Outcome) -> Result<(), RecordsUnavailable> {
        let (answer, answered) = oneshot::channel();
        self.send(outcome, Some(answer));
        let sent = Instant::now();
        let result = answered.await.unwrap_or(Err(RecordsUnavailable::Stopped));
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
    }

    /// There is no opened row, so nothing to close.
    pub(super) fn disarm(mut self) {
        self.place = None;
    }

    fn send(&mut self, outcome: Outcome, answer: Option<Answer>) {
        let Some(place) = self.place.take() else {
            return;
        };
        let latency = i64::try_from(self.started.elapsed().as_micros()).unwrap_or(i64::MAX);
        let closed = Closed {
            at_us: now_us(),
            latency_us: Some(latency),
            outcome,
            progress: std::mem::take(&mut self.progress),
        };
        let metrics = &self.shared.metrics;
        metrics.ended(
            self.about,
            closed.outcome.status,
            closed.latency_us,
            &closed.progress,
        );
        place.send(Message::Write(Write::closed(
            self.call,
            closed,
            self.committed,
            answer,
        )));
    }
}

impl Drop for OpenCall {
    fn drop(&mut self) {
        let outcome = if std::thread::panicking() {
            Outcome::because(Status::Failed, "aborted")
        } else {
            Outcome::because(Status::Cancelled, "client_left")
        };
        self.send(outcome, None);
    }
}
