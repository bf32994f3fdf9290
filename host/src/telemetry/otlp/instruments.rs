//! The metrics of calls, as the SDK adds them up. It tells at most 2,000 series
//! of each apart; the rest is one of its own.

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram, Meter};

use super::call::{CallEnded, offer, seconds};
use super::names;
use super::spans::of_offer;
use crate::telemetry::Scale;
use crate::telemetry::scales::{CHUNK, DURATION, TOKENS};

/// What calls are counted with.
pub(super) struct Instruments {
    duration: Histogram<f64>,
    first_token: Histogram<f64>,
    attempt: Histogram<f64>,
    first_chunk: Histogram<f64>,
    tokens: Histogram<u64>,
    calls: Counter<u64>,
}

impl Instruments {
    pub(super) fn new(meter: &Meter) -> Self {
        let seconds = |name, about, scale: &Scale| {
            let histogram = meter.f64_histogram(name).with_description(about);
            histogram
                .with_unit("s")
                .with_boundaries(scale.boundaries())
                .build()
        };
        Self {
            duration: seconds(
                names::SERVER_DURATION,
                "From admission to the end of a call.",
                &DURATION,
            ),
            first_token: seconds(
                names::SERVER_FIRST_TOKEN,
                "From admission to a stream's first event.",
                &CHUNK,
            ),
            attempt: seconds(
                names::CLIENT_DURATION,
                "A provider's time for an answer, or to fail.",
                &DURATION,
            ),
            first_chunk: seconds(
                names::CLIENT_FIRST_CHUNK,
                "A provider's time to a stream's first event.",
                &CHUNK,
            ),
            tokens: meter
                .u64_histogram(names::TOKEN_USAGE)
                .with_description("Tokens of a call, cached ones included.")
                .with_unit("{token}")
                .with_boundaries(TOKENS.boundaries())
                .build(),
            calls: meter
                .u64_counter(names::CALLS)
                .with_description("Calls by their end.")
                .with_unit("{call}")
                .build(),
        }
    }

    /// Takes a call in.
    pub(super) fn take(&self, call: &CallEnded) {
        let mut about = vec![
            KeyValue::new(names::OPERATION, names::CHAT),
            KeyValue::new(names::REQUEST_MODEL, call.requested.clone()),
        ];
        if let Some((provider, model)) = call.offer.as_deref().map(offer) {
            about.push(KeyValue::new(names::PROVIDER, provider.to_owned()));
            about.push(KeyValue::new(names::RESPONSE_MODEL, model.to_owned()));
        }
        self.count(call, &about);
        if call.stream
            && let Some(us) = call.first_token_us
        {
            self.first_token.record(seconds(us), &about);
        }
        for (kind, tokens) in [("input", call.input_tokens), ("output", call.output_tokens)] {
            if let Some(tokens) = tokens {
                about.push(KeyValue::new(names::TOKEN_TYPE, kind));
                self.tokens.record(tokens, &about);
                about.pop();
            }
        }
        let error = call
            .error()
            .map(|error| KeyValue::new(names::ERROR_TYPE, error));
        about.extend(error);
        self.duration.record(seconds(call.latency_us), &about);
        self.take_attempts(call);
    }

    fn count(&self, call: &CallEnded, about: &[KeyValue]) {
        let mut about = about.to_vec();
        about.extend([
            KeyValue::new(names::ROUTE, call.route),
            KeyValue::new(names::ROUTER, call.router),
            KeyValue::new(names::OUTCOME, call.outcome),
        ]);
        self.calls.add(1, &about);
    }

    fn take_attempts(&self, call: &CallEnded) {
        for (attempt, (from, to)) in call.attempts() {
            if attempt.skipped() {
                continue;
            }
            let mut about = Vec::with_capacity(4);
            about.push(KeyValue::new(names::OPERATION, names::CHAT));
            about.extend(of_offer(&attempt.offer));
            if call.stream && attempt.answered() {
                self.first_chunk.record(seconds(attempt.latency_us), &about);
            }
            let error = call.error_of(attempt);
            about.extend(error.map(|error| KeyValue::new(names::ERROR_TYPE, error)));
            self.attempt.record(seconds(to - from), &about);
        }
    }
}
