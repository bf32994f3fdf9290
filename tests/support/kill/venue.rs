//! The provider's side: how each errand is answered, and the log of it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::json;
use tokio::sync::oneshot;

use super::dice::Dice;
use super::errand::{Course, Errand, FLAKY, upstream_model};
use crate::upstream::{Behaviour, Block, End, Recorded, Upstream};

/// One call as the provider saw it.
#[derive(Clone, Debug)]
pub(super) struct Served {
    pub(super) errand: u64,
    pub(super) model: String,
    /// The provider's own id of it.
    pub(super) id: String,
    /// How many pieces of the answer were written.
    pub(super) pieces: usize,
    /// Whether that was all that was to be written.
    pub(super) whole: bool,
}

/// A moment that a kill can be aimed at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Point {
    /// A provider has read a request.
    Asked,
    /// A provider has written the first piece of a stream.
    Begun,
    /// A provider has written the last byte of an answer.
    Given,
}

/// The provider behind all offers.
pub(super) struct Venue {
    pub(super) upstream: Upstream,
    log: Arc<Log>,
}

#[derive(Default)]
struct Log {
    served: Mutex<Vec<Served>>,
    aim: Mutex<Option<(Point, oneshot::Sender<()>)>>,
}

impl Venue {
    pub(super) fn open(seed: u64) -> Self {
        let log = Arc::new(Log::default());
        let kept = Arc::clone(&log);
        let upstream = Upstream::answering(move |request| answer(seed, &kept, request));
        Self { upstream, log }
    }

    /// Every call so far, in the order in which they were read.
    pub(super) fn served(&self) -> Vec<Served> {
        lock(&self.log.served).clone()
    }

    /// Resolves when the next call gets to this point.
    pub(super) fn next(&self, point: Point) -> oneshot::Receiver<()> {
        let (sender, receiver) = oneshot::channel();
        *lock(&self.log.aim) = Some((point, sender));
        receiver
    }
}

impl Log {
    /// Logs a call; its place.
    fn asked(&self, errand: u64, model: String) -> (usize, String) {
        let mut served = lock(&self.served);
        let place = served.len();
        let id = format!("up-{errand}-{place}");
        served.push(Served {
            errand,
            model,
            id: id.clone(),
            pieces: 0,
            whole: false,
        });
        drop(served);
        self.reached(Point::Asked);
        (place, id)
    }

    fn given(&self, place: usize, pieces: usize, last: bool) {
        if let Some(served) = lock(&self.served).get_mut(place) {
            served.pieces = pieces;
            served.whole = last;
        }
        if last {
            self.reached(Point::Given);
        } else if pieces == 1 {
            self.reached(Point::Begun);
        }
    }

    fn reached(&self, point: Point) {
        let mut aim = lock(&self.aim);
        if let Some((_, hit)) = aim.take_if(|(aimed, _)| *aimed == point) {
            let _ = hit.send(());
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn answer(seed: u64, log: &Arc<Log>, request: &Recorded) -> Behaviour {
    let errand = Errand::of(seed, Errand::number_in(&request.body));
    let model = request.model();
    let mut dice = Dice::of(seed, &model, errand.number);
    let behaviour = if model == upstream_model(FLAKY) {
        failing(&mut dice)
    } else {
        telling(&errand, &mut dice)
    };
    let (place, id) = log.asked(errand.number, model);
    let log = Arc::clone(log);
    behaviour
        .delayed(Duration::from_micros(dice.within(0..6_000)))
        .paced(Duration::from_micros(dice.within(0..3_000)))
        // As each of the protocols spells it.
        .header("request-id", &id)
        .header("x-request-id", &id)
        .watched(move |pieces, last| log.given(place, pieces, last))
}

/// Fails before its first event.
fn failing(dice: &mut Dice) -> Behaviour {
    match dice.within(0..4) {
        0 => Behaviour::status(503, "api_error", "Not now."),
        1 => Behaviour::status(429, "rate_limit_error", "Too many."),
        2 => Behaviour::error_first("overloaded_error", "Busy."),
        _ => Behaviour::hang_up(),
    }
}

fn telling(errand: &Errand, dice: &mut Dice) -> Behaviour {
    let said = errand.answer();
    let blocks = if errand.tools && dice.one_in(2) {
        vec![Block::Tool {
            id: format!("toolu_{}", errand.number),
            name: "look".to_owned(),
            input: json!({"at": said}),
        }]
    } else {
        vec![Block::Text(said)]
    };
    let usage = errand.usage();
    let behaviour = Behaviour::blocks(blocks).with(|answer| answer.usage = usage);
    if errand.course != Course::Breaks {
        return behaviour;
    }
    let error = |kind: &str| End::Error(kind.to_owned(), "Broken.".to_owned());
    let end = match dice.within(0..3) {
        0 => End::Abort,
        1 => End::Close,
        // A type that the same dialect knows too.
        _ if errand.provider == "messages" => error("overloaded_error"),
        _ => error("server_error"),
    };
    // After the first event that is one of the answer, in every protocol.
    let frames = dice.within(5..9) as usize;
    behaviour
        .with(|answer| answer.frames = Some(frames))
        .ending(end)
}
