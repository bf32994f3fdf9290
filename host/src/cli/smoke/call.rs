//! One call, measured.

use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use http::HeaderMap;
use reqwest::Url;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::problem::Problem;
use super::report::{self, Block, Connection, Latency, Outcome, Response, ms};
use crate::catalog::Offer;
use crate::dialect::common::Capture;
use crate::dialect::relay::{Forward, Progress, Step};
use crate::dialect::{ClientRequest, Dialect};
use crate::provider::{Answer, Call, Providers, Recorded, Streaming, Whole};

/// Enough for a model that thinks before it says a word.
const MAX_TOKENS: u64 = 256;

/// Calls `offer`: as a client of another dialect than any provider's, so that
/// request and answer go through all of the adapter.
pub(super) async fn make(
    providers: &Providers,
    offer: &Offer,
    stream: bool,
    connection: Connection,
) -> report::Call {
    let connect = match connection {
        Connection::Cold => connect(offer, providers.timeouts().connect).await,
        Connection::Warm => None,
    };
    let began = Instant::now();
    let mut first_event = None;
    let outcome = match answer(providers, offer, stream, &mut first_event).await {
        Ok(response) => Outcome::Response(response),
        Err(problem) => Outcome::Error(problem),
    };
    report::Call {
        connection,
        stream,
        ok: matches!(outcome, Outcome::Response(_)),
        latency_ms: Latency {
            connect: connect.map(ms),
            first_event: first_event.map(|at: Instant| ms(at - began)),
            total: ms(began.elapsed()),
        },
        outcome,
    }
}

async fn answer(
    providers: &Providers,
    offer: &Offer,
    stream: bool,
    first_event: &mut Option<Instant>,
) -> Result<Response, Problem> {
    let body = serde_json::json!({
        "model": offer.model,
        "messages": [{"role": "user", "content": "Reply with the one word: pong"}],
        "max_tokens": MAX_TOKENS.min(offer.max_output_tokens),
        "stream": stream,
    })
    .to_string();
    let request =
        ClientRequest::read(Dialect::Native, body.as_bytes()).map_err(Problem::internal)?;
    let call = Call {
        request: &request,
        headers: &HeaderMap::new(),
        query: None,
        id: "smoke",
        recorded: Recorded::Exempt,
    };
    let begun = providers.call(offer, &call).await;
    match begun.map_err(|failure| Problem::failed(failure, offer))? {
        Answer::Whole {
            answer,
            capture,
            upstream_request_id,
        } => {
            let blocks = match &answer {
                Whole::Translated(answer) => report::blocks(answer),
                Whole::Same(_) => Vec::new(),
            };
            Ok(response(offer, blocks, &capture, upstream_request_id))
        }
        Answer::Stream(streaming) => {
            *first_event = Some(Instant::now());
            drain(*streaming, offer, providers.timeouts().idle).await
        }
    }
}

/// Reads a stream to its end.
async fn drain(streaming: Streaming, offer: &Offer, idle: Duration) -> Result<Response, Problem> {
    let Streaming {
        first,
        mut relay,
        mut source,
        upstream_request_id,
    } = streaming;
    let mut blocks = Vec::new();
    let mut step = first;
    loop {
        let Step { forward, progress } = step;
        if let Forward::Events(events) = &forward {
            for event in events {
                report::observe(&mut blocks, event);
            }
        }
        match progress {
            Progress::Ended { .. } => {
                return Ok(response(
                    offer,
                    blocks,
                    relay.capture(),
                    upstream_request_id,
                ));
            }
            Progress::Failed(failure) => return Err(Problem::interrupted(failure, offer)),
            Progress::Waiting | Progress::Flowing => {}
        }
        step = match timeout(idle, source.next()).await {
            Err(_) => return Err(Problem::silent()),
            Ok(Some(Ok(chunk))) => relay.feed(chunk),
            Ok(Some(Err(_)) | None) => relay.eof(),
        };
    }
}

fn response(
    offer: &Offer,
    blocks: Vec<Block>,
    capture: &Capture,
    upstream_request_id: Option<String>,
) -> Response {
    let usage = capture.usage;
    let known = usage.input_tokens.is_some() && usage.output_tokens.is_some();
    Response {
        blocks,
        stop_reason: capture.stop_reason.clone(),
        usage: usage.into(),
        cost_usd: known.then(|| offer.prices.cost(&usage).to_string()),
        id: capture.upstream_id.clone(),
        upstream_request_id,
    }
}

/// How long a TCP connection to the provider takes; none where it cannot be
/// made, which the call will tell.
async fn connect(offer: &Offer, limit: Duration) -> Option<Duration> {
    let url = Url::parse(offer.venue.base_url.as_deref()?).ok()?;
    let host = url.host_str()?.trim_matches(['[', ']']);
    let port = url.port_or_known_default()?;
    let began = Instant::now();
    timeout(limit, TcpStream::connect((host, port)))
        .await
        .ok()?
        .ok()?;
    Some(began.elapsed())
}
