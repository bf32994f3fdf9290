//! What the gateway counts of calls, and `GET /metrics`, which shows that and
//! what the other parts count.

mod gauges;
pub mod scrape;

use std::sync::{Mutex, PoisonError};

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use super::Gateway;
use crate::record::Records;
use crate::telemetry::otlp::Otlp;
use crate::telemetry::{Histogram, NANOSECONDS, Scale, Value, names};
use gauges::Gauges;

/// Of the policy's time: a remembered answer takes a tenth of a microsecond, a
/// fresh sandbox ten, an interpreted component a thousand.
static POLICY: Scale = Scale {
    bounds: &[
        250,
        500,
        1_000,
        5_000,
        10_000,
        25_000,
        50_000,
        100_000,
        250_000,
        500_000,
        1_000_000,
        5_000_000,
        25_000_000,
        100_000_000,
        1_000_000_000,
    ],
    unit: NANOSECONDS,
};

/// The most pairs of alias and target that are told apart. A policy lists a
/// few; what comes with later generations adds to them.
const ALIASES: usize = 256;

type Pairs = Family<[(&'static str, Value); 2], Counter>;

/// The counters.
pub struct Metrics {
    /// Providers that were called without an open record: always 0.
    pub dispatch_without_capture: Counter,
    /// Rows of routed calls for names of the catalog: always 0.
    pub passthrough_captured: Counter,
    /// First answers that were given again.
    pub replayed: Counter,
    /// What the resolver took for a name.
    pub classify: Histogram,
    /// What dial and clamp took for a floor.
    pub floor: Histogram,
    aliases: Pairs,
    /// How many pairs there are.
    told_apart: Mutex<usize>,
    errors: Pairs,
    /// Read anew for each scrape, by one at a time.
    gauges: Mutex<Gauges>,
    registry: Registry,
}

impl Metrics {
    /// Counters that begin at 0, with those of `records` and `otlp`.
    #[must_use]
    pub fn new(records: &Records, otlp: &Otlp) -> Self {
        let mut registry = Registry::default();
        let steps: Family<_, _, fn() -> Histogram> =
            Family::new_with_constructor(|| Histogram::new(&POLICY));
        let step = |step| {
            let labels = [(names::STEP, Value::Word(step))];
            steps.get_or_create_owned(&labels)
        };
        let metrics = (step("classify"), step("floor"));
        registry.register(
            names::POLICY_DURATION,
            "What a step of the policy took for a call, remembered answers included",
            steps,
        );
        let mut counter = |name, help| {
            let counter = Counter::default();
            registry.register(name, help, counter.clone());
            counter
        };
        let dispatch_without_capture = counter(
            names::DISPATCH_WITHOUT_CAPTURE,
            "Calls of a provider without an open record; anything but 0 is a defect",
        );
        let passthrough_captured = counter(
            names::PASSTHROUGH_CAPTURED,
            "Rows of routed calls for names of the catalog; anything but 0 is a defect",
        );
        let replayed = counter(
            names::REPLAYED,
            "Answers of an idempotency key that were given again",
        );
        let (aliases, errors) = (Pairs::default(), Pairs::default());
        registry.register(
            names::ALIAS_HITS,
            "Routed calls that used an alias",
            aliases.clone(),
        );
        registry.register(
            names::ERRORS,
            "Errors that clients were answered with, by the gateway's code",
            errors.clone(),
        );
        records.metrics().register(&mut registry);
        otlp.register(&mut registry);
        otlp.watch(&dispatch_without_capture, &passthrough_captured);
        let gauges = Gauges::register(&mut registry);
        let version = [(names::VERSION, env!("CARGO_PKG_VERSION"))];
        registry.register(names::BUILD, "The binary", Info::new(version));
        let (classify, floor) = metrics;
        Self {
            dispatch_without_capture,
            passthrough_captured,
            replayed,
            classify,
            floor,
            aliases,
            told_apart: Mutex::new(0),
            errors,
            gauges: Mutex::new(gauges),
            registry,
        }
    }

    /// Counts a routed call by `legacy`, an alias of `canonical`.
    pub fn alias(&self, legacy: &str, canonical: &str) {
        let mut labels = [
            (names::LEGACY, Value::from(legacy)),
            (names::CANONICAL, Value::from(canonical)),
        ];
        if self.aliases.get(&labels).is_none() {
            let mut told_apart = self
                .told_apart
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            if *told_apart < ALIASES {
                *told_apart += 1;
            } else {
                let [(_, legacy), _] = &mut labels;
                *legacy = Value::Word("other");
            }
        }
        self.aliases.get_or_create(&labels).inc();
    }

    /// Counts an answer of `route` that is an error.
    pub fn error(&self, route: &'static str, code: &'static str) {
        let labels = [
            (names::ROUTE, Value::Word(route)),
            (names::ERROR_TYPE, Value::Word(code)),
        ];
        self.errors.get_or_create(&labels).inc();
    }

    /// Everything as OpenMetrics text.
    ///
    /// # Errors
    /// If it cannot be written.
    fn text(&self, gateway: &Gateway) -> Result<String, std::fmt::Error> {
        // Held until all is written: a scrape at the same moment reads anew.
        let gauges = self.gauges.lock().unwrap_or_else(PoisonError::into_inner);
        gauges.read(gateway);
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}
