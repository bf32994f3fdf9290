//! The way in: here calls are opened.

use std::fs::File;
use std::sync::Arc;

use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};

use super::closed::{Outcome, Progress};
use super::guard::OpenCall;
use super::key::{Key, KeyMint};
use super::message::{Message, Write};
use super::metrics::{About, Metrics};
use super::opened::Opened;
use super::shared::{RecordsStats, Shared};
use super::words::Status;
use super::{NotOpened, RecordsUnavailable};

/// The records of calls. Cheap to clone; ends when told to stop.
#[derive(Clone, Debug)]
pub struct Records {
    pub(super) queue: mpsc::Sender<Message>,
    pub(super) mint: Arc<KeyMint>,
    pub(super) shared: Arc<Shared>,
    pub(super) max_open_calls: i64,
    /// Held, where there is one, as long as anybody may write.
    pub(super) _lock: Option<Arc<File>>,
}

impl Records {
    /// A new key. Every request gets one, recorded or not.
    #[must_use]
    pub fn key(&self) -> Key {
        self.mint.next()
    }

    /// Opens a call, and resolves when its pending row is committed, what it may
    /// cost is held, and its idempotency key is taken: only then may a provider
    /// be called. If the caller gives up waiting, the call is
    /// closed as cancelled.
    pub async fn open(&self, opened: impl Into<Box<Opened>>) -> Result<OpenCall, NotOpened> {
        // Large, and moved through several futures: boxed once.
        let opened = opened.into();
        self.check()?;
        if self.shared.pending() >= self.max_open_calls {
            return Err(RecordsUnavailable::Full.into());
        }
        // The place of the close comes first: a call that opens can be closed.
        let close = self
            .queue
            .clone()
            .try_reserve_owned()
            .map_err(|error| refusal(&error))?;
        let open = self.queue.try_reserve().map_err(|error| refusal(&error))?;
        let mut call = OpenCall::new(&opened, close, Arc::clone(&self.shared));
        if cfg!(feature = "unrecorded") {
            call.disarm();
            return Ok(call);
        }
        let (answer, answered) = oneshot::channel();
        let about = About::of(&opened);
        open.send(Message::Write(Write::opened(opened, answer)));
        let stopped = Err(RecordsUnavailable::Stopped.into());
        match answered.await.unwrap_or(stopped) {
            Ok(()) => {
                call.confirm();
                Ok(call)
            }
            Err(error) => {
                if let NotOpened::Short(why) = error {
                    let metrics = &self.shared.metrics;
                    metrics.ended(about, Status::Refused, None, &Progress::default());
                    call.declined(why);
                }
                call.disarm();
                Err(error)
            }
        }
    }

    /// Records a call that is refused at once (no candidate, an agent that is
    /// not active, …), and resolves when that is committed.
    pub async fn refuse(
        &self,
        opened: impl Into<Box<Opened>>,
        outcome: Outcome,
        progress: Progress,
    ) -> Result<(), RecordsUnavailable> {
        self.check()?;
        let place = self.queue.try_reserve().map_err(|error| refusal(&error))?;
        let (answer, answered) = oneshot::channel();
        let opened = opened.into();
        let (about, status) = (About::of(&opened), outcome.status);
        let traced = self.shared.traced(&opened);
        let ended = traced.map(|traced| traced.ended(&outcome, &progress));
        place.send(Message::Write(Write::refused(
            opened, outcome, progress, answer,
        )));
        let stopped = Err(RecordsUnavailable::Stopped.into());
        let result = answered.await.unwrap_or(stopped);
        let result = result.map_err(NotOpened::unavailable);
        if result.is_ok() {
            let metrics = &self.shared.metrics;
            metrics.ended(about, status, None, &Progress::default());
            if let Some(ended) = ended {
                self.shared.otlp.ended(ended);
            }
        }
        result
    }

    /// Resolves when everything queued so far is committed, or waits for the
    /// database to come back. A read of one's own records comes after it.
    pub async fn flush(&self) -> Result<(), RecordsUnavailable> {
        let (flushed, done) = oneshot::channel();
        self.queue
            .send(Message::Flush(flushed))
            .await
            .map_err(|_| RecordsUnavailable::Stopped)?;
        done.await.map_err(|_| RecordsUnavailable::Stopped)
    }

    /// The gateway is about to cut the calls that are still open: they end as
    /// cancelled by its stop.
    pub fn cut(&self) {
        self.shared.cut();
    }

    /// Commits what is queued and ends the writer, for all clones. Calls that
    /// are still open then are closed by the next start, as `abandoned`.
    pub async fn stop(&self) {
        let (stopped, done) = oneshot::channel();
        if self.queue.send(Message::Stop(stopped)).await.is_ok() {
            // An error: the writer has ended already.
            let _ = done.await;
        }
    }

    /// Whether calls can be recorded, as far as is known.
    #[must_use]
    pub fn available(&self) -> bool {
        self.check().is_ok()
    }

    /// What is counted of calls and of the writer.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.shared.metrics
    }

    /// Writes that wait in the queue. About: the places that open calls hold
    /// for their closes are not read at the same moment.
    #[must_use]
    pub fn queued(&self) -> usize {
        let taken = self.queue.max_capacity() - self.queue.capacity();
        let held = usize::try_from(self.shared.pending()).unwrap_or(0);
        taken.saturating_sub(held)
    }

    /// Counters since the start.
    #[must_use]
    pub fn stats(&self) -> RecordsStats {
        self.shared.stats()
    }

    pub(super) fn check(&self) -> Result<(), RecordsUnavailable> {
        if self.queue.is_closed() {
            Err(RecordsUnavailable::Stopped)
        } else if self.shared.failing() {
            Err(RecordsUnavailable::Database)
        } else {
            Ok(())
        }
    }
}

fn refusal<T>(error: &TrySendError<T>) -> RecordsUnavailable {
    match error {
        TrySendError::Full(_) => RecordsUnavailable::Full,
        TrySendError::Closed(_) => RecordsUnavailable::Stopped,
    }
}
