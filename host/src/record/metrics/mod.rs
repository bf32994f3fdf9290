//! What is counted of calls and of the writer, at the places that know: the
//! close of a call and the commit of a batch.

mod offer;
mod scales;

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

use super::closed::Progress;
use super::opened::Opened;
use super::words::{Router, Status};
use crate::telemetry::scales::{CHUNK, DURATION, TOKENS};
use crate::telemetry::{Histogram, Labels, Usd, Value, names};
use offer::{Ends, OfferSeries};
use scales::{COMMIT, WRITES};

/// A histogram for each offer.
type Times = Family<Labels<2>, Histogram, fn() -> Histogram>;

/// The counters. They are looked up once for each offer; then a call adds to
/// atomics, and takes no lock.
pub struct Metrics {
    families: Families,
    /// By the offer. One for each that was ever tried.
    offers: ArcSwap<HashMap<Arc<str>, Arc<OfferSeries>>>,
    /// Of the calls that none answered.
    unanswered: Ends,
    /// Rows and audit events of one commit.
    pub(super) commit_writes: Histogram,
    /// Its time.
    pub(super) commit: Histogram,
    /// From a request's last byte to its dispatch.
    pub before_dispatch: Histogram,
    /// From an answer's end to the commit of its call's.
    pub(super) after_answer: Histogram,
}

/// What series are made from.
struct Families {
    calls: Family<Labels<5>, Counter>,
    attempts: Family<Labels<4>, Counter>,
    tokens: Family<Labels<3>, Counter>,
    usage: Family<Labels<3>, Histogram, fn() -> Histogram>,
    cost: Family<Labels<2>, Usd>,
    duration: Times,
    first_token: Times,
    attempt: Times,
    first_chunk: Times,
    added: Family<Labels<1>, Histogram, fn() -> Histogram>,
}

/// What of a call's beginning its end is counted by.
#[derive(Clone, Copy, Debug)]
pub(super) struct About {
    route: &'static str,
    router: Router,
    stream: bool,
}

impl About {
    pub(super) fn of(opened: &Opened) -> Self {
        let &Opened {
            route,
            router,
            stream,
            ..
        } = opened;
        Self {
            route,
            router,
            stream,
        }
    }

    /// A call that a killed process left.
    pub(super) fn left(router: Router) -> Self {
        Self {
            route: "",
            router,
            stream: false,
        }
    }
}

impl Default for Metrics {
    fn default() -> Self {
        let families = Families::default();
        Self {
            unanswered: Ends::new([Value::Word(""), Value::Word("")]),
            before_dispatch: families.phase("before_dispatch"),
            after_answer: families.phase("after_answer"),
            families,
            offers: ArcSwap::default(),
            commit_writes: Histogram::new(&WRITES),
            commit: Histogram::new(&COMMIT),
        }
    }
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Metrics(..)")
    }
}

impl Metrics {
    /// Counts a call that ended, or was refused.
    pub(super) fn ended(
        &self,
        about: About,
        status: Status,
        latency_us: Option<i64>,
        progress: &Progress,
    ) {
        match &progress.offer {
            None => self.unanswered.count(&self.families, about, status),
            Some(offer) => self.with(offer, |series| {
                series.ends.count(&self.families, about, status);
                series.answered(about.stream, status, latency_us, progress);
            }),
        }
        for attempt in &progress.attempts {
            self.with(&attempt.offer, |series| {
                series.tried(&self.families, attempt, about.stream);
            });
        }
    }

    fn with(&self, offer: &Arc<str>, count: impl FnOnce(&OfferSeries)) {
        if let Some(series) = self.offers.load().get(offer) {
            return count(series);
        }
        // Two at once make it twice: what they count is in the same families.
        let series = Arc::new(OfferSeries::new(&self.families, offer));
        count(&series);
        self.offers.rcu(|now| {
            let mut next = HashMap::clone(now);
            next.insert(Arc::clone(offer), Arc::clone(&series));
            next
        });
    }

    /// Adds everything to `registry`.
    pub fn register(&self, registry: &mut Registry) {
        let all = &self.families;
        registry.register(
            names::CALLS,
            "Calls that ended, by the offer that answered",
            all.calls.clone(),
        );
        registry.register(
            names::ATTEMPTS,
            "Tries of offers, by how they ended",
            all.attempts.clone(),
        );
        registry.register(
            names::TOKENS,
            "Tokens, each counted as one kind",
            all.tokens.clone(),
        );
        registry.register(
            names::TOKEN_USAGE,
            "Tokens of a call, cached ones included",
            all.usage.clone(),
        );
        registry.register(
            names::COST,
            "What providers charge for what was used",
            all.cost.clone(),
        );
        registry.register(
            names::SERVER_DURATION,
            "From admission to the end of a whole answer",
            all.duration.clone(),
        );
        registry.register(
            names::SERVER_FIRST_TOKEN,
            "From admission to a stream's first event",
            all.first_token.clone(),
        );
        registry.register(
            names::CLIENT_DURATION,
            "A provider's time for an answer that is not streamed",
            all.attempt.clone(),
        );
        registry.register(
            names::CLIENT_FIRST_CHUNK,
            "A provider's time to a stream's first event",
            all.first_chunk.clone(),
        );
        registry.register(
            names::ADDED,
            "The gateway's own time: from a request's last byte to its dispatch, and from its answer's end to the commit of that",
            all.added.clone(),
        );
        registry.register(
            names::COMMIT_WRITES,
            "Writes that were committed together",
            self.commit_writes.clone(),
        );
        registry.register(
            names::COMMIT_DURATION,
            "The time of a commit",
            self.commit.clone(),
        );
    }
}

impl Default for Families {
    fn default() -> Self {
        Self {
            calls: Family::default(),
            attempts: Family::default(),
            tokens: Family::default(),
            usage: Family::new_with_constructor(|| Histogram::new(&TOKENS)),
            cost: Family::default(),
            duration: Family::new_with_constructor(|| Histogram::new(&DURATION)),
            first_token: Family::new_with_constructor(|| Histogram::new(&CHUNK)),
            attempt: Family::new_with_constructor(|| Histogram::new(&DURATION)),
            first_chunk: Family::new_with_constructor(|| Histogram::new(&CHUNK)),
            added: Family::new_with_constructor(|| Histogram::new(&COMMIT)),
        }
    }
}

impl Families {
    fn phase(&self, phase: &'static str) -> Histogram {
        let labels = [(names::PHASE, Value::Word(phase))];
        self.added.get_or_create_owned(&labels)
    }
}
