//! A stand-in for an OpenTelemetry collector: OTLP/HTTP on a free loopback port.
//!
//! It keeps every export as it came and reads the protobuf of it. What it answers
//! can be scripted as of any fake provider, which it is underneath.

mod read;

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use crate::gateway::Setup;
use crate::upstream::{Behaviour, Recorded, Upstream};
use crate::wait;

/// The attributes of something.
pub type Attributes = BTreeMap<String, Value>;

/// A span as it was exported.
#[derive(Clone, Debug)]
pub struct Span {
    /// Its name.
    pub name: String,
    /// Such as `SERVER`.
    pub kind: &'static str,
    /// Hexadecimal.
    pub trace: String,
    /// Hexadecimal.
    pub id: String,
    /// The parent's id, hexadecimal; empty for a root.
    pub parent: String,
    /// Nanoseconds since the Unix epoch.
    pub start: u64,
    /// Nanoseconds since the Unix epoch.
    pub end: u64,
    /// Whether its status is an error.
    pub error: bool,
    /// What it says.
    pub attributes: Attributes,
    /// Its events.
    pub events: Vec<(String, Attributes)>,
    /// What its exporter says of itself.
    pub resource: Attributes,
}

/// A series of a metric as it was exported last.
#[derive(Clone, Debug)]
pub struct Series {
    /// The metric.
    pub name: String,
    /// Its unit.
    pub unit: String,
    /// What it is about.
    pub attributes: Attributes,
    /// How many values it took; of a counter, its value.
    pub count: u64,
    /// Their sum; of a counter, its value.
    pub sum: f64,
    /// The bounds of its buckets; none of a counter.
    pub bounds: Vec<f64>,
}

/// A running collector. Dropping it closes its port.
pub struct Collector {
    server: Upstream,
}

impl Collector {
    /// One that takes everything.
    pub fn start() -> Self {
        let collector = Self {
            server: Upstream::start(),
        };
        collector.script(Behaviour::raw_json(""));
        collector
    }

    /// What it answers from now on.
    pub fn script(&self, behaviour: Behaviour) {
        // No export has a model.
        self.server.script("", behaviour);
    }

    /// Its base URL, to which `/v1/traces` is appended.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Has a gateway export to it, at short intervals.
    pub fn exported_to(&self, setup: Setup) -> Setup {
        exporting(setup, &self.url())
    }

    /// Every export so far.
    pub fn exports(&self) -> Vec<Recorded> {
        self.server.requests()
    }

    /// Every span so far.
    pub fn spans(&self) -> Vec<Span> {
        let exports = self.exports();
        let traces = exports
            .iter()
            .filter(|export| export.target == "/v1/traces");
        traces
            .flat_map(|export| read::spans(&export.body))
            .collect()
    }

    /// The series of the last export of metrics.
    pub fn series(&self) -> Vec<Series> {
        let exports = self.exports();
        let mut metrics = exports
            .iter()
            .rev()
            .filter(|export| export.target == "/v1/metrics");
        let last = metrics.next();
        last.map(|export| read::series(&export.body))
            .unwrap_or_default()
    }

    /// Waits until the call with this `request-id` was exported: its span, then
    /// the children in the order of their beginnings.
    pub async fn trace_of(&self, request_id: &str) -> (Span, Vec<Span>) {
        wait::until(&format!("the trace of {request_id}"), || {
            let spans = self.spans();
            let mut calls = spans
                .iter()
                .filter(|span| span.is("ainfera.request.id", request_id));
            let call = calls.next()?.clone();
            assert!(calls.next().is_none(), "{request_id} has two spans");
            let mut children = spans;
            children.retain(|span| span.parent == call.id);
            children.sort_by_key(|span| span.start);
            Some((call, children))
        })
        .await
    }

    /// Waits until a series of this metric with these attributes has counted so
    /// many.
    pub async fn counted(&self, name: &str, attributes: &[(&str, &str)], count: u64) -> Series {
        let what = format!("{name} {attributes:?} to count {count}");
        wait::until(&what, || {
            let has = |series: &Series| {
                let mut all = attributes.iter();
                all.all(|(key, value)| series.attributes.get(*key) == Some(&(*value).into()))
            };
            let mut found = self.series();
            found.retain(|series| series.name == name && series.count == count && has(series));
            found.pop()
        })
        .await
    }
}

impl Span {
    /// Whether it has this text as this attribute.
    pub fn is(&self, attribute: &str, value: &str) -> bool {
        self.attributes.get(attribute).and_then(Value::as_str) == Some(value)
    }

    /// An attribute; null where it has none of this name.
    pub fn get(&self, attribute: &str) -> Value {
        self.attributes.get(attribute).cloned().unwrap_or_default()
    }

    /// How long it took.
    pub fn took(&self) -> Duration {
        Duration::from_nanos(self.end - self.start)
    }
}

/// A gateway that exports to `url` at short intervals. An export that was given up too
/// soon would be lost, or made twice.
pub fn exporting(setup: Setup, url: &str) -> Setup {
    setup
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", url)
        .env("OTEL_BSP_SCHEDULE_DELAY", "20")
        .env("OTEL_METRIC_EXPORT_INTERVAL", "50")
        .env("OTEL_EXPORTER_OTLP_TIMEOUT", "60000")
}
