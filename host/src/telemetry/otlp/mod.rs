//! Traces and metrics of calls, sent to an OpenTelemetry collector over
//! OTLP/HTTP, where one is configured; else nothing is made or sent.
//!
//! All of a call is known when its record is closed: then it is told to
//! [`Otlp::ended`], which puts it into a bounded queue and never waits. A task
//! makes its spans and metrics. A collector that is slow or gone costs spans,
//! counted, and never a call.

mod batch;
mod call;
mod config;
mod health;
mod instruments;
mod metrics;
mod names;
mod resource;
mod spans;
mod traceparent;
mod transport;
mod worker;

use std::sync::Arc;
use std::time::Duration;

use opentelemetry::InstrumentationScope;
use opentelemetry::metrics::{Meter, MeterProvider as _};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{
    ExporterBuildError, MetricExporter, SpanExporter, WithExportConfig as _, WithHttpConfig as _,
};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider};
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanExporter as _};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::registry::Registry;
use tokio::sync::{mpsc, oneshot};

use batch::{Batches, Ended};
pub use call::{AttemptEnded, CallEnded};
pub use config::{Batch, OtlpConfig, OtlpConfigError, Target};
use health::{Health, Losses};
use instruments::Instruments;
use metrics::Counted;
pub use traceparent::TraceParent;
use transport::Transport;
use worker::{Message, Metering, Tracing, Worker};

/// The most calls that may wait for the task, which waits for nothing but a
/// processor.
const QUEUE: usize = 4_096;
/// How long a stop may take to send what there is.
const FLUSH: Duration = Duration::from_secs(5);

/// Host and port of a provider, where it has them.
pub type Addresses = Arc<dyn Fn(&str) -> Option<(String, u16)> + Send + Sync>;

/// Why the export cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum OtlpError {
    /// The HTTP client.
    #[error("the HTTP client of the OTLP export could not be set up: {0}")]
    Http(#[from] reqwest::Error),
    /// What the exporter read of the environment by itself.
    #[error("the OTLP export could not be set up: {0}")]
    Exporter(#[from] ExporterBuildError),
}

/// The export. Clones are the same one; the default is off.
#[derive(Clone, Default)]
pub struct Otlp {
    queue: Option<mpsc::Sender<Message>>,
    meter: Option<Meter>,
    losses: Losses,
}

impl std::fmt::Debug for Otlp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Otlp").field("on", &self.is_on()).finish()
    }
}

impl Otlp {
    /// Starts the export that `config` asks for, on the runtime that this is
    /// called in. Nothing is sent yet: a collector that is not there is no error.
    ///
    /// # Errors
    /// If the configuration cannot be used.
    pub fn start(config: Option<OtlpConfig>, addresses: Addresses) -> Result<Self, OtlpError> {
        let Some(config) = config else {
            return Ok(Self::default());
        };
        let (losses, resource) = (Losses::default(), resource::own());
        let tracing = match &config.traces {
            Some(target) => Some(tracing(target, config.batch, &resource, &losses)?),
            None => None,
        };
        let (metering, meter) = match &config.metrics {
            Some(target) => {
                let (metering, meter) = metering(target, resource, &losses)?;
                (Some(metering), Some(meter))
            }
            None => (None, None),
        };
        let (queue, calls) = mpsc::channel(QUEUE);
        let worker = Worker {
            queue: calls,
            tracing,
            metering,
            addresses,
        };
        tokio::spawn(worker.run(config.batch.delay));
        for (signal, target) in [("traces", &config.traces), ("metrics", &config.metrics)] {
            if let Some(host) = target.as_ref().and_then(|target| target.url.host_str()) {
                tracing::info!(signal, host, "otlp_export");
            }
        }
        Ok(Self {
            queue: Some(queue),
            meter,
            losses,
        })
    }

    /// Whether anything is exported.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.queue.is_some()
    }

    /// A call has ended. Where too many wait, it is dropped and counted.
    pub fn ended(&self, call: Box<CallEnded>) {
        if let Some(queue) = &self.queue
            && queue.try_send(Message::Call(call)).is_err()
        {
            self.losses.calls.inc();
        }
    }

    /// Exports the two counters that say that capture is broken.
    pub fn watch(&self, dispatch_without_capture: &Counter, passthrough_captured: &Counter) {
        let Some(meter) = &self.meter else {
            return;
        };
        for (name, counter) in [
            (names::DISPATCH_WITHOUT_CAPTURE, dispatch_without_capture),
            (names::PASSTHROUGH_CAPTURED, passthrough_captured),
        ] {
            let counter = counter.clone();
            // The provider keeps it.
            let _ = meter
                .u64_observable_counter(name)
                .with_description("Anything but 0 is a defect.")
                .with_callback(move |observer| observer.observe(counter.get(), &[]))
                .build();
        }
    }

    /// Adds what was lost to `registry`, on or off.
    pub fn register(&self, registry: &mut Registry) {
        self.losses.register(registry);
    }

    /// Sends what there is and ends the export, for all clones, within five
    /// seconds.
    pub async fn stop(&self) {
        let Some(queue) = &self.queue else {
            return;
        };
        let (stop, stopped) = oneshot::channel();
        let flushed = tokio::time::timeout(FLUSH, async {
            queue.send(Message::Stop(stop)).await.is_ok() && stopped.await.is_ok()
        });
        if flushed.await != Ok(true) {
            tracing::warn!(
                "otlp_not_flushed: the collector did not take the last spans and metrics in time"
            );
        }
    }
}

/// What names and versions this gateway as the maker of its spans and metrics.
fn scope() -> InstrumentationScope {
    InstrumentationScope::builder("ainfera")
        .with_version(env!("CARGO_PKG_VERSION"))
        .build()
}

fn tracing(
    target: &Target,
    batch: Batch,
    resource: &Resource,
    losses: &Losses,
) -> Result<Tracing, OtlpError> {
    let mut exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(Transport::new(target.timeout)?)
        .with_endpoint(target.url.as_str())
        .with_timeout(target.timeout)
        .build()?;
    exporter.set_resource(resource);
    let ended = Ended::default();
    let provider = SdkTracerProvider::builder()
        .with_resource(resource.clone())
        .with_span_processor(ended.clone())
        .build();
    Ok(Tracing {
        tracer: provider.tracer_with_scope(scope()),
        _provider: provider,
        batches: Batches::new(batch, ended, exporter, losses.spans.clone()),
    })
}

fn metering(
    target: &Target,
    resource: Resource,
    losses: &Losses,
) -> Result<(Metering, Meter), OtlpError> {
    let exporter = MetricExporter::builder()
        .with_http()
        .with_http_client(Transport::new(target.timeout)?)
        .with_endpoint(target.url.as_str())
        .with_timeout(target.timeout)
        .build()?;
    let exporter = Counted {
        exporter,
        health: Health::new("metrics"),
        lost: losses.metrics.clone(),
    };
    let provider = SdkMeterProvider::builder()
        .with_resource(resource)
        .with_reader(PeriodicReader::builder(exporter).build())
        .build();
    let meter = provider.meter_with_scope(scope());
    let instruments = Instruments::new(&meter);
    let metering = Metering {
        instruments,
        provider,
    };
    Ok((metering, meter))
}
