//! Whether the collector takes what is sent: each loss is counted, a change is
//! logged once.

use std::sync::atomic::{AtomicBool, Ordering};

use opentelemetry_sdk::error::OTelSdkResult;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

use crate::telemetry::{Labels, Value, names};

/// What was lost.
#[derive(Clone)]
pub(super) struct Losses {
    family: Family<Labels<1>, Counter>,
    /// Calls that came while too many waited: their spans and metrics.
    pub(super) calls: Counter,
    /// Spans that found the buffer full, or that the collector did not take.
    pub(super) spans: Counter,
    /// Exports of metrics that it did not take; the next one makes up for it.
    pub(super) metrics: Counter,
}

impl Default for Losses {
    fn default() -> Self {
        let family = Family::<Labels<1>, Counter>::default();
        let counter = |what| family.get_or_create_owned(&[(names::WHAT, Value::Word(what))]);
        Self {
            calls: counter("calls"),
            spans: counter("spans"),
            metrics: counter("metrics"),
            family,
        }
    }
}

impl Losses {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            names::OTLP_DROPPED,
            "What could not be sent to the OTLP collector",
            self.family.clone(),
        );
    }
}

/// How the exports of a signal go.
#[derive(Debug)]
pub(super) struct Health {
    signal: &'static str,
    failing: AtomicBool,
}

impl Health {
    pub(super) fn new(signal: &'static str) -> Self {
        Self {
            signal,
            failing: AtomicBool::new(false),
        }
    }

    /// An export ended so.
    pub(super) fn note(&self, result: &OTelSdkResult) {
        let failed = result.is_err();
        if self.failing.swap(failed, Ordering::Relaxed) == failed {
            return;
        }
        match result {
            Err(error) => tracing::warn!(
                signal = self.signal,
                %error,
                "otlp_export_failed: from now on losses are only counted, in ainfera_otlp_dropped_total"
            ),
            Ok(()) => tracing::info!(signal = self.signal, "otlp_export_recovered"),
        }
    }
}
