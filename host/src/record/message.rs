//! What goes through the writer's queue.

use tokio::sync::oneshot;

use super::audit::{Prepared, call};
use super::closed::{Closed, Outcome, Progress};
use super::hold::{Hold, Shortfall, day_of};
use super::opened::{CallRef, Opened};
use super::words::Status;
use super::{NotOpened, RecordsUnavailable};
use crate::store::{AgentId, Key, TenantId, now_us};

/// Where the result of a write is awaited.
pub(super) type Answer = oneshot::Sender<Result<(), NotOpened>>;

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
    pub(super) results: Vec<Result<(), NotOpened>>,
    /// The writer ends after this batch.
    pub(super) last: bool,
}

impl Batch {
    /// What is to open a call and has not failed.
    fn opens(&self) -> impl Iterator<Item = (&Opened, Hold)> {
        let writes = self.writes.iter().zip(&self.results);
        writes.filter_map(|(write, result)| match &write.rows {
            Rows::Opened(opened) if result.is_ok() => Some((&**opened, opened.hold?)),
            _ => None,
        })
    }

    /// The tenants whose money limits a call of it.
    pub(super) fn limited_tenants(&self) -> impl Iterator<Item = TenantId> {
        self.opens()
            .filter(|(_, hold)| hold.credit_limit.is_some())
            .map(|(opened, _)| opened.tenant)
    }

    /// The agents, and the days, whose cap limits a call of it.
    pub(super) fn limited_days(&self) -> impl Iterator<Item = (AgentId, i64)> {
        self.opens()
            .filter(|(_, hold)| hold.day_cap.is_some())
            .map(|(opened, _)| (opened.agent, day_of(opened.at_us)))
    }
}

/// One act of a call: its rows and its audit event, committed together.
#[derive(Debug)]
pub(super) struct Write {
    pub(super) rows: Rows,
    pub(super) event: Prepared,
    /// Why the writer made a refusal of what was to open a call.
    pub(super) declined: Option<Shortfall>,
    pub(super) answer: Option<Answer>,
}

#[derive(Debug)]
pub(super) enum Rows {
    Opened(Box<Opened>),
    /// Opened and closed at once.
    Refused(Box<Opened>, Box<Closed>),
    Closed {
        call: CallRef,
        closed: Box<Closed>,
        /// Whether the opened row is known to be there. If not, the close
        /// counts only where it is.
        sure: bool,
    },
}

impl Write {
    fn new(rows: Rows, event: Prepared, answer: Option<Answer>) -> Self {
        Self {
            rows,
            event,
            declined: None,
            answer,
        }
    }

    pub(super) fn opened(opened: Box<Opened>, answer: Answer) -> Self {
        let event = call::routed(&opened, None);
        Self::new(Rows::Opened(opened), event, Some(answer))
    }

    pub(super) fn refused(
        opened: Box<Opened>,
        outcome: Outcome,
        progress: Progress,
        answer: Answer,
    ) -> Self {
        let event = call::routed(&opened, Some(&outcome));
        let closed = refusal(&opened, outcome, progress);
        Self::new(Rows::Refused(opened, closed), event, Some(answer))
    }

    pub(super) fn closed(
        call: CallRef,
        closed: Closed,
        sure: bool,
        answer: Option<Answer>,
    ) -> Self {
        let event = call::completed(&call, &closed);
        let closed = Box::new(closed);
        Self::new(Rows::Closed { call, closed, sure }, event, answer)
    }

    /// The close of a call that may or may not have been opened: the database
    /// failed in the midst, and whoever called was told so.
    pub(super) fn undone(call: CallRef) -> Self {
        let closed = Closed {
            at_us: now_us(),
            latency_us: None,
            outcome: Outcome::because(Status::Failed, "records_unavailable"),
            progress: Progress::default(),
            charged_nanousd: None,
            kept: None,
        };
        Self::closed(call, closed, false, None)
    }

    /// Makes a refusal of what was to open a call, which then is not made.
    pub(super) fn decline(&mut self, why: Shortfall) {
        let Rows::Opened(opened) = &mut self.rows else {
            return;
        };
        opened.dispatched = false;
        let (outcome, progress) = why.end();
        self.event = call::routed(opened, Some(&outcome));
        let closed = refusal(opened, outcome, progress);
        self.rows = Rows::Refused(opened.clone(), closed);
        self.declined = Some(why);
    }

    /// What whoever waits is told once it is committed.
    pub(super) fn verdict(&self) -> Result<(), NotOpened> {
        self.declined.map_or(Ok(()), |why| Err(why.into()))
    }

    pub(super) fn key(&self) -> Key {
        match &self.rows {
            Rows::Opened(opened) | Rows::Refused(opened, _) => opened.key,
            Rows::Closed { call, .. } => call.key,
        }
    }

    /// Whether it must be kept until it can be committed: the end of a call
    /// that was made.
    pub(super) fn must_be_kept(&self) -> bool {
        matches!(self.rows, Rows::Closed { .. })
    }

    /// Answers whoever waits; at most the first time.
    pub(super) fn answer(&mut self, result: Result<(), NotOpened>) {
        if let Some(answer) = self.answer.take() {
            // Nobody may be waiting any more.
            let _ = answer.send(result);
        }
    }
}

impl NotOpened {
    /// Of a write that has no other way to fail.
    pub(super) fn unavailable(self) -> RecordsUnavailable {
        match self {
            Self::Unavailable(why) => why,
            Self::Short(_) | Self::Claimed => RecordsUnavailable::Refused,
        }
    }
}

/// The close of a call that is refused now.
fn refusal(opened: &Opened, outcome: Outcome, progress: Progress) -> Box<Closed> {
    Box::new(Closed {
        at_us: now_us(),
        latency_us: i64::try_from(opened.started.elapsed().as_micros()).ok(),
        outcome,
        progress,
        charged_nanousd: None,
        kept: None,
    })
}
