//! Spans that have ended, and their way to the collector.

use std::collections::VecDeque;
use std::mem::take;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use opentelemetry::Context;
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{Span, SpanData, SpanExporter as _, SpanProcessor};
use prometheus_client::metrics::counter::Counter;
use tokio::task::JoinHandle;

use super::config::Batch;
use super::health::Health;

/// Where the SDK puts spans that have ended.
#[derive(Clone, Debug, Default)]
pub(super) struct Ended(Arc<Mutex<Vec<SpanData>>>);

impl Ended {
    fn take(&self) -> Vec<SpanData> {
        take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl SpanProcessor for Ended {
    fn on_start(&self, _: &mut Span, _: &Context) {}

    fn on_end(&self, span: SpanData) {
        let mut ended = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ended.push(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

/// The spans that wait, and the batch that is under way. The SDK's own does not
/// tell what it drops.
pub(super) struct Batches {
    batch: Batch,
    ended: Ended,
    waiting: VecDeque<SpanData>,
    exporter: Arc<SpanExporter>,
    /// One at a time, and its number of spans.
    sending: Option<(usize, JoinHandle<OTelSdkResult>)>,
    health: Health,
    lost: Counter,
}

impl Batches {
    pub(super) fn new(batch: Batch, ended: Ended, exporter: SpanExporter, lost: Counter) -> Self {
        Self {
            batch,
            ended,
            waiting: VecDeque::new(),
            exporter: Arc::new(exporter),
            sending: None,
            health: Health::new("traces"),
            lost,
        }
    }

    /// Lets what has ended wait, as far as there is room, and sends a batch if
    /// one is full.
    pub(super) fn gather(&mut self) {
        for span in self.ended.take() {
            if self.waiting.len() < self.batch.queue {
                self.waiting.push_back(span);
            } else {
                self.lost.inc();
            }
        }
        if self.waiting.len() >= self.batch.size {
            self.send();
        }
    }

    /// Sends a batch of what waits, unless one is under way.
    pub(super) fn send(&mut self) {
        if self.sending.is_some() || self.waiting.is_empty() {
            return;
        }
        let size = self.waiting.len().min(self.batch.size);
        let spans: Vec<SpanData> = self.waiting.drain(..size).collect();
        let exporter = Arc::clone(&self.exporter);
        let sent = tokio::spawn(async move { exporter.export(spans).await });
        self.sending = Some((size, sent));
    }

    /// Resolves when the batch under way has been sent, or failed; never where
    /// there is none. Nothing is lost if it is not waited for to the end.
    pub(super) async fn sent(&mut self) {
        let Some((size, sending)) = &mut self.sending else {
            return std::future::pending().await;
        };
        let result = match sending.await {
            Ok(result) => result,
            Err(error) => Err(OTelSdkError::InternalFailure(error.to_string())),
        };
        if result.is_err() {
            self.lost.inc_by(u64::try_from(*size).unwrap_or(u64::MAX));
        }
        self.health.note(&result);
        self.sending = None;
        if self.waiting.len() >= self.batch.size {
            self.send();
        }
    }

    /// Sends everything, batch by batch.
    pub(super) async fn flush(&mut self) {
        self.gather();
        self.send();
        while self.sending.is_some() {
            self.sent().await;
            self.send();
        }
    }
}
