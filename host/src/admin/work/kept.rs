//! The work that callers may come back for.

use std::sync::{Arc, Mutex, PoisonError};

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::store::{WorkId, now_us};

/// Work that may go on at once.
const RUNNING: usize = 32;
/// Work that is kept at once: always more than can be running.
const KEPT: usize = 256;
/// How long an answer is kept from its work's beginning on, in microseconds.
const FOR_US: i64 = 15 * 60 * 1_000_000;

/// An answer.
#[derive(Clone, Debug)]
pub(super) struct Done {
    pub(super) status: StatusCode,
    /// JSON.
    pub(super) body: Bytes,
}

impl Done {
    /// Of work that broke down.
    pub(super) fn broken() -> Self {
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            body: Bytes::from_static(
                br#"{"error":{"code":"internal","message":"the work broke down; the log says why"}}"#,
            ),
        }
    }
}

impl IntoResponse for Done {
    fn into_response(self) -> Response {
        let json = (CONTENT_TYPE, HeaderValue::from_static("application/json"));
        (self.status, [json], self.body).into_response()
    }
}

/// Work, and its answer once there is one.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    /// Who began it, and may have its answer.
    pub(super) owner: String,
    /// Microseconds since the Unix epoch.
    pub(super) started_us: i64,
    pub(super) done: watch::Receiver<Option<Done>>,
}

impl Kept {
    /// Its answer, if there is one by now.
    pub(super) fn now(&self) -> Option<Done> {
        let done = self.done.borrow().clone();
        // Nobody is left to answer: it panicked, or the gateway stops.
        done.or_else(|| self.done.has_changed().is_err().then(Done::broken))
    }
}

/// The work that outlasted its callers' patience, the latest at the end.
#[derive(Debug)]
pub struct Works {
    places: Arc<Semaphore>,
    kept: Mutex<Vec<(WorkId, Kept)>>,
}

impl Default for Works {
    fn default() -> Self {
        Self {
            places: Arc::new(Semaphore::new(RUNNING)),
            kept: Mutex::default(),
        }
    }
}

impl Works {
    /// A place to work at, until it is dropped; none if all are taken.
    pub(super) fn place(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.places).try_acquire_owned().ok()
    }

    /// Keeps work under its id.
    pub(super) fn keep(&self, id: WorkId, work: Kept) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let oldest = now_us() - FOR_US;
        kept.retain(|(_, work)| work.now().is_none() || work.started_us > oldest);
        if kept.len() >= KEPT
            && let Some(at) = kept.iter().position(|(_, work)| work.now().is_some())
        {
            kept.remove(at);
        }
        kept.push((id, work));
    }

    /// The work of this id, if it is `owner`'s.
    pub(super) fn find(&self, id: WorkId, owner: &str) -> Option<Kept> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, found) = kept.iter().find(|(known, _)| *known == id)?;
        (found.owner == owner).then(|| found.clone())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::store::Key;

    const ME: &str = "author:me";

    fn work(started_us: i64) -> (watch::Sender<Option<Done>>, Kept) {
        let (tell, done) = watch::channel(None);
        let owner = ME.to_owned();
        (
            tell,
            Kept {
                owner,
                started_us,
                done,
            },
        )
    }

    #[test]
    fn what_is_running_stays_and_the_oldest_answer_goes() {
        let works = Works::default();
        let (running, first) = work(now_us());
        works.keep(WorkId(Key(0)), first);
        for number in 1..=2 * i64::try_from(KEPT).unwrap() {
            let (tell, kept) = work(now_us());
            tell.send_replace(Some(Done::broken()));
            works.keep(WorkId(Key(number)), kept);
        }
        assert_eq!(works.kept.lock().unwrap().len(), KEPT);
        assert!(works.find(WorkId(Key(0)), ME).unwrap().now().is_none());
        assert!(works.find(WorkId(Key(1)), ME).is_none());
        assert!(works.find(WorkId(Key(512)), ME).is_some());
        drop(running);
    }

    #[test]
    fn an_old_answer_goes_and_old_work_stays() {
        let works = Works::default();
        let long_ago = now_us() - 2 * FOR_US;
        let (_running, kept) = work(long_ago);
        works.keep(WorkId(Key(1)), kept);
        let (tell, kept) = work(long_ago);
        tell.send_replace(Some(Done::broken()));
        works.keep(WorkId(Key(2)), kept);
        let (_other, kept) = work(now_us());
        works.keep(WorkId(Key(3)), kept);
        assert!(works.find(WorkId(Key(1)), ME).is_some());
        assert!(works.find(WorkId(Key(1)), "author:you").is_none());
        assert!(works.find(WorkId(Key(2)), ME).is_none());
    }

    #[test]
    fn work_that_breaks_down_is_answered() {
        let (tell, kept) = work(now_us());
        assert!(kept.now().is_none());
        drop(tell);
        assert_eq!(kept.now().unwrap().status, 500);
    }

    #[test]
    fn places_are_taken_and_given_back() {
        let works = Works::default();
        let mut taken: Vec<_> = (0..RUNNING).map(|_| works.place().unwrap()).collect();
        assert!(works.place().is_none());
        taken.pop();
        assert!(works.place().is_some());
    }
}
