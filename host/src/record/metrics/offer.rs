//! The series of one offer.

use std::array;
use std::sync::OnceLock;

use prometheus_client::metrics::counter::Counter;

use super::{About, Families};
use crate::record::closed::{Attempt, Progress, Usage};
use crate::record::words::{Router, Status};
use crate::telemetry::{Histogram, Labels, Usd, Value, names};

/// The routes that calls are recorded of.
const ROUTES: [&str; 3] = ["/v1/messages", "/v1/chat/completions", "/v1/inferences"];
const ROUTERS: usize = Router::Direct as usize + 1;
const STATUSES: usize = Status::Abandoned as usize + 1;

/// The kinds of tokens: each token is of one.
const KINDS: [&str; 4] = ["input", "output", "cache_read", "cache_creation"];
/// The kinds that the convention knows: cached tokens are input, too.
const CONVENTION: [&str; 2] = ["input", "output"];

/// The outcome of an attempt that answered.
const OK: &str = "ok";

/// How the calls of an offer ended, or those that none answered. A counter is
/// shown from its first call on.
pub(super) struct Ends {
    /// Provider and model.
    offer: [Value; 2],
    counters: [OnceLock<Counter>; ROUTES.len() * ROUTERS * STATUSES],
}

impl Ends {
    pub(super) fn new(offer: [Value; 2]) -> Self {
        Self {
            offer,
            counters: array::from_fn(|_| OnceLock::new()),
        }
    }

    pub(super) fn count(&self, families: &Families, about: About, status: Status) {
        let place = ROUTES
            .iter()
            .position(|route| *route == about.route)
            .map(|route| (route * ROUTERS + about.router as usize) * STATUSES + status as usize);
        match place.and_then(|place| self.counters.get(place)) {
            Some(known) => {
                let made = || self.counter(families, about, status);
                known.get_or_init(made).inc();
            }
            None => {
                self.counter(families, about, status).inc();
            }
        }
    }

    fn counter(&self, families: &Families, about: About, status: Status) -> Counter {
        let [provider, model] = self.offer.clone();
        let labels: Labels<5> = [
            (names::ROUTE, Value::Word(about.route)),
            (names::ROUTER, Value::Word(about.router.as_str())),
            (names::STATUS, Value::Word(status.as_str())),
            (names::PROVIDER, provider),
            (names::MODEL, model),
        ];
        families.calls.get_or_create_owned(&labels)
    }
}

/// What is counted of an offer.
pub(super) struct OfferSeries {
    pub(super) ends: Ends,
    duration: Histogram,
    first_token: Histogram,
    tokens: [Counter; 4],
    usage: [Histogram; 2],
    cost: Usd,
    answered: Counter,
    attempt: Histogram,
    first_chunk: Histogram,
}

impl OfferSeries {
    /// The series of `id`, `slug@provider`.
    pub(super) fn new(families: &Families, id: &str) -> Self {
        let (model, provider) = id.split_once('@').unwrap_or((id, ""));
        let offer = [Value::from(provider), Value::from(model)];
        let labels = labels(&offer);
        let kind = |kind| with(&offer, (names::TOKEN_TYPE, Value::Word(kind)));
        Self {
            duration: families.duration.get_or_create_owned(&labels),
            first_token: families.first_token.get_or_create_owned(&labels),
            tokens: KINDS.map(|name| families.tokens.get_or_create_owned(&kind(name))),
            usage: CONVENTION.map(|name| families.usage.get_or_create_owned(&kind(name))),
            cost: families.cost.get_or_create_owned(&labels),
            answered: attempts(families, &offer, OK, ""),
            attempt: families.attempt.get_or_create_owned(&labels),
            first_chunk: families.first_chunk.get_or_create_owned(&labels),
            ends: Ends::new(offer),
        }
    }

    /// Counts what a call used and how long it took.
    pub(super) fn answered(
        &self,
        stream: bool,
        status: Status,
        latency_us: Option<i64>,
        progress: &Progress,
    ) {
        if status == Status::Succeeded
            && let Some(us) = latency_us
        {
            self.duration.observe_us(us);
        }
        if stream && let Some(us) = progress.first_token_us {
            self.first_token.observe_us(us);
        }
        let Usage {
            input_tokens: input,
            output_tokens: output,
            cache_read_tokens: read,
            cache_write_tokens: written,
        } = progress.usage;
        for (counter, tokens) in self.tokens.iter().zip([input, output, read, written]) {
            counter.inc_by(tokens.unwrap_or(0));
        }
        let all_input = input.map(|input| input + read.unwrap_or(0) + written.unwrap_or(0));
        for (histogram, tokens) in self.usage.iter().zip([all_input, output]) {
            if let Some(tokens) = tokens {
                histogram.observe(tokens);
            }
        }
        self.cost.add(progress.cost_nanousd.unwrap_or(0));
    }

    /// Counts a try.
    pub(super) fn tried(&self, families: &Families, attempt: &Attempt, stream: bool) {
        if attempt.outcome == OK {
            self.answered.inc();
            let time = if stream {
                &self.first_chunk
            } else {
                &self.attempt
            };
            time.observe_us(attempt.latency_us);
        } else {
            let status = attempt.http_status.map(|status| status.to_string());
            let status = status.as_deref().unwrap_or_default();
            attempts(families, &self.ends.offer, attempt.outcome, status).inc();
        }
    }
}

fn attempts(
    families: &Families,
    [provider, model]: &[Value; 2],
    outcome: &'static str,
    status: &str,
) -> Counter {
    let labels: Labels<4> = [
        (names::PROVIDER, provider.clone()),
        (names::MODEL, model.clone()),
        (names::OUTCOME, Value::Word(outcome)),
        (names::STATUS_CODE, Value::from(status)),
    ];
    families.attempts.get_or_create_owned(&labels)
}

fn labels([provider, model]: &[Value; 2]) -> Labels<2> {
    [
        (names::PROVIDER, provider.clone()),
        (names::MODEL, model.clone()),
    ]
}

fn with(offer: &[Value; 2], label: (&'static str, Value)) -> Labels<3> {
    let [provider, model] = labels(offer);
    [provider, model, label]
}
