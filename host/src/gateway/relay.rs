//! The body of a streamed answer: the provider's frames as they come.
//!
//! Nothing is read ahead: a frame is asked of the provider when the client
//! takes the one before. The value that this stream is made of owns the call's
//! record, so whatever ends it, the client's leaving included, closes it.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt, stream};
use tokio::time::{Instant, Sleep, sleep_until};

use super::capture::note;
use crate::catalog::Offer;
use crate::dialect::anthropic::{self, ErrorKind};
use crate::dialect::common::Usage;
use crate::dialect::relay::{FailureKind, Progress, Relay, Step, StreamFailure};
use crate::provider::{ByteStream, Streaming, Timeouts};
use crate::record::{OpenCall, Outcome, RecordsUnavailable, Status};

type Closing = Pin<Box<dyn Future<Output = Result<(), RecordsUnavailable>> + Send>>;

enum State {
    Live(Box<Live>),
    /// The record is being closed; then the last event goes out.
    Closing(Closing, Bytes),
    Done,
}

struct Live {
    open: OpenCall,
    offer: Arc<Offer>,
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
    /// The usage that the record has.
    noted: Option<Usage>,
}

/// The frames of `streaming`, in the client's dialect, ending with the last
/// event or an error event; `open` is closed before either goes out.
pub fn stream(
    open: OpenCall,
    offer: Arc<Offer>,
    streaming: Streaming,
    timeouts: Timeouts,
) -> impl Stream<Item = Result<Bytes, Infallible>> {
    let Streaming {
        first,
        relay,
        source,
        ..
    } = streaming;
    let now = Instant::now();
    let live = Live {
        open,
        offer,
        relay,
        source,
        first: Some(first),
        timeouts,
        heard: now,
        sent: now,
        alarm: Box::pin(sleep_until(now + timeouts.ping.min(timeouts.idle))),
        noted: None,
    };
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
            State::Closing(closing, last) => {
                let last = match closing.await {
                    Ok(()) => last,
                    Err(unavailable) => {
                        anthropic::error::event(ErrorKind::Api, &unavailable.to_string())
                    }
                };
                return Some((last, State::Done));
            }
            State::Live(mut live) => {
                let step = live.next().await;
                match step.progress {
                    Progress::Waiting | Progress::Flowing if step.forward.is_empty() => {
                        State::Live(live)
                    }
                    Progress::Waiting | Progress::Flowing => {
                        live.sent = Instant::now();
                        return Some((step.forward, State::Live(live)));
                    }
                    Progress::Ended { last } => {
                        note(
                            live.open.progress(),
                            live.relay.capture(),
                            &live.offer,
                            true,
                        );
                        live.end(Outcome::succeeded(), &step.forward, &last)
                    }
                    Progress::Failed(failure) => {
                        let outcome = Outcome::because(Status::Interrupted, reason(failure.kind));
                        tracing::info!(offer = %live.offer.id, reason = reason(failure.kind), "stream_interrupted");
                        live.end(outcome, &step.forward, &failure.event)
                    }
                }
            }
        };
    }
}

impl Live {
    /// The relay's next step: from the provider's bytes, its close, or its
    /// silence.
    async fn next(&mut self) -> Step {
        if let Some(first) = self.first.take() {
            self.note();
            return first;
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
                        break Step { forward: anthropic::ping(), progress: Progress::Flowing };
                    }
                }
            }
        };
        self.note();
        step
    }

    /// Keeps the record up to date: it is what a client's leaving records.
    fn note(&mut self) {
        let capture = self.relay.capture();
        if self.noted != Some(capture.usage) {
            self.noted = Some(capture.usage);
            note(self.open.progress(), capture, &self.offer, false);
        }
    }

    /// Closes the record; `last` follows `forward` once that is committed.
    fn end(self: Box<Self>, outcome: Outcome, forward: &Bytes, last: &Bytes) -> State {
        let bytes = if forward.is_empty() {
            last.clone()
        } else {
            let mut both = BytesMut::with_capacity(forward.len() + last.len());
            both.extend_from_slice(forward);
            both.extend_from_slice(last);
            both.freeze()
        };
        State::Closing(Box::pin(self.open.close(outcome)), bytes)
    }
}

/// A provider that has been silent for too long.
fn silent() -> Step {
    let message = "the provider fell silent in the middle of its answer";
    let failure = StreamFailure {
        kind: FailureKind::Died,
        status: 504,
        message: message.to_owned(),
        body: Bytes::new(),
        event: anthropic::error::event(ErrorKind::Timeout, message),
    };
    Step {
        forward: Bytes::new(),
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
