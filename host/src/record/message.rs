//! What goes through the writer's queue.

use tokio::sync::oneshot;

use super::RecordsUnavailable;
use super::audit::{Prepared, call};
use super::closed::{Closed, Outcome, Progress};
use super::opened::{CallRef, Opened};
use crate::store::Key;

/// Where the result of a write is awaited.
pub(super) type Answer = oneshot::Sender<Result<(), RecordsUnavailable>>;

#[derive(Debug)]
pub(super) enum Message {
    /// To be committed.
    Write(Write),
    /// Answered when everything before it is committed, or waits for the
    /// database to come back.
    Flush(oneshot::Sender<()>),
    /// As a flush; then the writer ends.
    Stop(oneshot::Sender<()>),
}

/// What the collector hands over, and gets back with its results.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) writes: Vec<Write>,
    /// One for each write, once it was tried.
    pub(super) results: Vec<Result<(), RecordsUnavailable>>,
    /// The writer ends after this batch.
    pub(super) last: bool,
}

/// One act of a call: its rows and its audit event, committed together.
#[derive(Debug)]
pub(super) struct Write {
    pub(super) rows: Rows,
    pub(super) event: Prepared,
    pub(super) answer: Option<Answer>,
}

#[derive(Debug)]
pub(super) enum Rows {
    Opened(Box<Opened>),
    /// Opened and closed at once.
    Refused(Box<Opened>, Box<Closed>),
    Closed {
        key: Key,
        closed: Box<Closed>,
        /// Whether the opened row is known to be there. If not, the close
        /// counts only where it is.
        sure: bool,
    },
}

impl Write {
    pub(super) fn opened(opened: Box<Opened>, answer: Answer) -> Self {
        let event = call::routed(&opened, None);
        Self {
            rows: Rows::Opened(opened),
            event,
            answer: Some(answer),
        }
    }

    pub(super) fn refused(
        opened: Box<Opened>,
        outcome: Outcome,
        progress: Progress,
        answer: Answer,
    ) -> Self {
        let event = call::routed(&opened, Some(&outcome));
        let latency = i64::try_from(opened.started.elapsed().as_micros()).ok();
        let closed = Closed {
            at_us: crate::store::now_us(),
            latency_us: latency,
            outcome,
            progress,
        };
        Self {
            rows: Rows::Refused(opened, Box::new(closed)),
            event,
            answer: Some(answer),
        }
    }

    pub(super) fn closed(
        call: CallRef,
        closed: Closed,
        sure: bool,
        answer: Option<Answer>,
    ) -> Self {
        let event = call::completed(&call, &closed);
        let closed = Box::new(closed);
        Self {
            rows: Rows::Closed {
                key: call.key,
                closed,
                sure,
            },
            event,
            answer,
        }
    }

    pub(super) fn key(&self) -> Key {
        match &self.rows {
            Rows::Opened(opened) => opened.key,
            Rows::Refused(opened, _) => opened.key,
            Rows::Closed { key, .. } => *key,
        }
    }

    /// Whether it must be kept until it can be committed: the end of a call
    /// that was made.
    pub(super) fn must_be_kept(&self) -> bool {
        matches!(self.rows, Rows::Closed { .. })
    }

    /// Answers whoever waits; at most the first time.
    pub(super) fn answer(&mut self, result: Result<(), RecordsUnavailable>) {
        if let Some(answer) = self.answer.take() {
            // Nobody may be waiting any more.
            let _ = answer.send(result);
        }
    }
}
