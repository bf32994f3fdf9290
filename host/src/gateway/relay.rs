//! The body of a streamed answer: the provider's frames as they come.
//!
//! Nothing is read ahead: a frame is asked of the provider when the client
//! takes the one before. The value that this stream is made of owns the call's
//! record, so whatever ends it, the client's leaving included, closes it.

use std::convert::Infallible;
use std::mem::take;
use std::pin::Pin;

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt, stream};
use tokio::time::{Instant, Sleep, sleep_until};

use super::capture::Meter;
use super::idempotency::Tee;
use crate::catalog::NanoUsd;
use crate::dialect::common::Usage;
use crate::dialect::encode::Encoder;
use crate::dialect::relay::{FailureKind, Forward, Progress, Relay, Step, StreamFailure};
use crate::dialect::{Dialect, ErrorKind};
use crate::provider::{ByteStream, Streaming, Timeouts};
use crate::record::{OpenCall, Outcome, RecordsUnavailable, Status};
use crate::routing::breaker::Trial;

type Closing = Pin<Box<dyn Future<Output = Result<(), RecordsUnavailable>> + Send>>;

/// For whom a stream is written.
pub struct Client {
    /// What it speaks.
    pub dialect: Dialect,
    /// Writes what is translated; none where the provider's frames pass.
    pub encoder: Option<Box<dyn Encoder>>,
    /// Collects what is sent, for the call's idempotency key.
    pub tee: Option<Tee>,
}

enum State {
    Live(Box<Live>),
    /// The record is being closed; then the last event goes out.
    Closing(Closing, Dialect, Bytes),
    Done,
}

struct Live {
    open: OpenCall,
    meter: Meter,
    trial: Trial,
    dialect: Dialect,
    /// Writes what is translated; none where the provider's frames pass.
    encoder: Option<Box<dyn Encoder>>,
    tee: Option<Tee>,
    relay: Box<dyn Relay>,
    source: ByteStream,
    first: Option<Step>,
    timeouts: Timeouts,
    /// When the provider last sent something.
    heard: Instant,
    /// When the client was last sent something.
    sent: Instant,
    /// Rings when one of the two may be too long ago.
    alarm: Pin<Box<Sleep>>,
    /// The usage, and the bytes, that the record has.
    noted: Option<(Usage, u64)>,
}

/// The frames of `streaming`, in the client's dialect, ending with the last
/// event or an error event; `open` is closed before either goes out.
pub fn stream(
    open: OpenCall,
    meter: Meter,
    trial: Trial,
    streaming: Streaming,
    client: Client,
    timeouts: Timeouts,
) -> impl Stream<Item = Result<Bytes, Infallible>> {
    let Streaming {
        first,
        relay,
        source,
        ..
    } = streaming;
    let now = Instant::now();
    let Client {
        dialect,
        encoder,
        tee,
    } = client;
    let mut live = Live {
        open,
        meter,
        trial,
        dialect,
        encoder,
        tee,
        relay,
        source,
        first: Some(first),
        timeouts,
        heard: now,
        sent: now,
        alarm: Box::pin(sleep_until(now + timeouts.ping.min(timeouts.idle))),
        noted: None,
    };
    // A client may leave before it takes anything.
    live.note();
    stream::unfold(State::Live(Box::new(live)), |state| async move {
        let (bytes, next) = advance(state).await?;
        Some((Ok(bytes), next))
    })
}

/// The next bytes and the state after them; none at the end.
async fn advance(mut state: State) -> Option<(Bytes, State)> {
    loop {
        state = match state {
            State::Done => return None,
            State::Closing(closing, dialect, last) => {
                let last = match closing.await {
                    Ok(()) => last,
                    Err(unavailable) => {
                        dialect.error_event(ErrorKind::Api, &unavailable.to_string())
                    }
                };
                return Some((last, State::Done));
            }
            State::Live(mut live) => {
                let Some(step) = live.next().await else {
                    // Not kept: it is about this client's wait.
                    live.sent = Instant::now();
                    return Some((live.dialect.ping(), State::Live(live)));
                };
                match step.progress {
                    Progress::Waiting | Progress::Flowing if step.forward.is_empty() => {
                        State::Live(live)
                    }
                    Progress::Waiting | Progress::Flowing => {
                        let frames = live.write(step.forward);
                        // What is not shown to this client, thoughts mostly.
                        if frames.is_empty() {
                            State::Live(live)
                        } else {
                            live.sent = Instant::now();
                            live.collect(&frames);
                            return Some((frames, State::Live(live)));
                        }
                    }
                    Progress::Ended { last } => {
                        take(&mut live.trial).succeeded();
                        let cost = live.settle();
                        let frames = live.write(step.forward);
                        let last = live
                            .encoder
                            .as_mut()
                            .map_or(last, |encoder| encoder.close(cost.as_deref()));
                        live.end(Outcome::succeeded(), &frames, &last)
                    }
                    Progress::Failed(failure) => {
                        take(&mut live.trial).failed(&failure.clone().into());
                        let outcome = Outcome::because(Status::Interrupted, reason(failure.kind));
                        tracing::info!(offer = %live.meter.offer.id, reason = reason(failure.kind), "stream_interrupted");
                        let frames = live.write(step.forward);
                        let event = live.event(failure);
                        live.end(outcome, &frames, &event)
                    }
                }
            }
        };
    }
}

impl Live {
    /// The relay's next step: from the provider's bytes, its close, or a
    /// silence that ends it; none where the client is due a ping.
    async fn next(&mut self) -> Option<Step> {
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        let step = loop {
            tokio::select! {
                // The alarm last: what is there comes before what is late.
                biased;
                chunk = self.source.next() => {
                    self.heard = Instant::now();
                    break match chunk {
                        Some(Ok(chunk)) => self.relay.feed(chunk),
                        Some(Err(_)) | None => self.relay.eof(),
                    };
                }
                () = self.alarm.as_mut() => {
                    let now = Instant::now();
                    let idle = self.heard + self.timeouts.idle;
                    let ping = self.sent + self.timeouts.ping;
                    if now >= idle {
                        break silent();
                    }
                    // Not set anew for each chunk, so it mostly rings too early.
                    let early = now < ping;
                    let next = if early { ping } else { now + self.timeouts.ping };
                    self.alarm.as_mut().reset(next.min(idle));
                    if !early {
                        return None;
                    }
                }
            }
        };
        self.note();
        Some(step)
    }

    /// Takes what is sent into the answer that is kept.
    fn collect(&mut self, frames: &[u8]) {
        if let Some(tee) = &mut self.tee {
            tee.take(frames);
        }
    }

    /// What goes on, as the client's frames.
    fn write(&mut self, forward: Forward) -> Bytes {
        match (forward, &mut self.encoder) {
            (Forward::Frames(frames), _) => frames,
            (Forward::Events(_), None) => Bytes::new(),
            (Forward::Events(events), Some(encoder)) => {
                let mut frames = Vec::new();
                for event in &events {
                    encoder.event(event, &mut frames);
                }
                frames.into()
            }
        }
    }

    /// The event that tells the client of a failure.
    fn event(&self, failure: StreamFailure) -> Bytes {
        let kind = ErrorKind::for_status(failure.status);
        match failure.own {
            Some(own) => own.event,
            None => self.dialect.error_event(kind, &failure.message),
        }
    }

    /// Keeps the record up to date: it is what a client's leaving records.
    fn note(&mut self) {
        let capture = self.relay.capture();
        let read = Some((capture.usage, capture.said_bytes));
        if self.noted != read {
            self.noted = read;
            self.meter.note(self.open.progress(), capture, false);
        }
    }

    /// The same, at the end of the answer. Answers what it cost.
    fn settle(&mut self) -> Option<String> {
        let capture = self.relay.capture();
        let progress = self.open.progress();
        self.meter.note(progress, capture, true);
        Some(NanoUsd(progress.cost_nanousd?).to_string())
    }

    /// Closes the record; `last` follows `forward` once that is committed.
    fn end(mut self: Box<Self>, outcome: Outcome, forward: &Bytes, last: &Bytes) -> State {
        let bytes = if forward.is_empty() {
            last.clone()
        } else {
            let mut both = BytesMut::with_capacity(forward.len() + last.len());
            both.extend_from_slice(forward);
            both.extend_from_slice(last);
            both.freeze()
        };
        self.collect(&bytes);
        if let Some(kept) = self.tee.take().and_then(Tee::kept) {
            self.open.keep(kept);
        }
        State::Closing(Box::pin(self.open.close(outcome)), self.dialect, bytes)
    }
}

/// A provider that has been silent for too long.
fn silent() -> Step {
    let message = "the provider fell silent in the middle of its answer";
    let failure = StreamFailure {
        kind: FailureKind::Died,
        status: 504,
        message: message.to_owned(),
        own: None,
    };
    Step {
        forward: Forward::Frames(Bytes::new()),
        progress: Progress::Failed(failure),
    }
}

fn reason(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::ProviderError => "provider_error",
        FailureKind::Died => "provider_died",
        FailureKind::Garbage => "provider_garbage",
    }
}
