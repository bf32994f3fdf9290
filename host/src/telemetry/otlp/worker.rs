//! The task that calls are told to: it makes their spans and metrics, so that
//! the calls themselves only ever put something into a queue.

use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use super::batch::Batches;
use super::call::CallEnded;
use super::instruments::Instruments;
use super::{Addresses, spans};

/// The most calls that are taken from the queue at once.
const AT_ONCE: usize = 64;

/// What the task is told.
pub(super) enum Message {
    /// A call has ended.
    Call(Box<CallEnded>),
    /// Send everything, then say so.
    Stop(oneshot::Sender<()>),
}

/// What makes and sends spans.
pub(super) struct Tracing {
    pub(super) tracer: SdkTracer,
    /// Ends with this.
    pub(super) _provider: SdkTracerProvider,
    pub(super) batches: Batches,
}

/// What adds up metrics; the SDK sends them by a thread of its own.
pub(super) struct Metering {
    pub(super) instruments: Instruments,
    pub(super) provider: SdkMeterProvider,
}

pub(super) struct Worker {
    pub(super) queue: mpsc::Receiver<Message>,
    pub(super) tracing: Option<Tracing>,
    pub(super) metering: Option<Metering>,
    pub(super) addresses: Addresses,
}

impl Worker {
    pub(super) async fn run(mut self, delay: std::time::Duration) {
        // Not at once: what has ended then is sent together.
        let mut timer = interval_at(Instant::now() + delay, delay);
        timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut messages = Vec::with_capacity(AT_ONCE);
        loop {
            tokio::select! {
                count = self.queue.recv_many(&mut messages, AT_ONCE) => {
                    if count == 0 {
                        return;
                    }
                    for message in messages.drain(..) {
                        match message {
                            Message::Call(call) => self.take(&call),
                            Message::Stop(stopped) => {
                                self.stop().await;
                                // Whoever asked may have given up.
                                let _ = stopped.send(());
                                return;
                            }
                        }
                    }
                    if let Some(tracing) = &mut self.tracing {
                        tracing.batches.gather();
                    }
                }
                () = sent(&mut self.tracing) => {}
                _ = timer.tick() => {
                    if let Some(tracing) = &mut self.tracing {
                        tracing.batches.send();
                    }
                }
            }
        }
    }

    fn take(&self, call: &CallEnded) {
        if let Some(metering) = &self.metering {
            metering.instruments.take(call);
        }
        if let Some(tracing) = &self.tracing {
            spans::make(&tracing.tracer, call, &self.addresses);
        }
    }

    /// Sends what there is, both signals at once.
    async fn stop(mut self) {
        self.queue.close();
        while let Ok(message) = self.queue.try_recv() {
            if let Message::Call(call) = message {
                self.take(&call);
            }
        }
        let metering = self.metering.take();
        let metrics = tokio::task::spawn_blocking(move || {
            // Its exporter has said what went wrong.
            let _ = metering.map(|metering| metering.provider.shutdown());
        });
        if let Some(tracing) = &mut self.tracing {
            tracing.batches.flush().await;
        }
        // An error: the runtime ends.
        let _ = metrics.await;
    }
}

async fn sent(tracing: &mut Option<Tracing>) {
    match tracing {
        Some(tracing) => tracing.batches.sent().await,
        None => std::future::pending().await,
    }
}
