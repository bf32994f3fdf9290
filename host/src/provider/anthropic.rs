//! Anthropic Messages: the client's own dialect, so bytes go through.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};

use super::exchange::{Exchange, deadline, send};
use super::failure::Failure;
use super::{Answer, Call, Endpoint, Timeouts, start};
use crate::catalog::Offer;
use crate::dialect::anthropic::{answer, error, relay};
use tokio::time::Instant;

/// Sent where the client names no version.
const DEFAULT_VERSION: HeaderValue = HeaderValue::from_static("2023-06-01");

pub(super) async fn call(
    http: &reqwest::Client,
    endpoint: &Endpoint,
    call: &Call<'_>,
    offer: &Offer,
    timeouts: &Timeouts,
) -> Result<Answer, Failure> {
    let mut url = endpoint.url.clone();
    url.set_query(call.query);
    let request = http
        .post(url)
        .headers(relayed(call.headers))
        .header("x-api-key", endpoint.key.clone())
        .body(call.request.for_upstream(&offer.upstream_model));
    let limit = deadline(if call.request.stream {
        timeouts.first_event
    } else {
        timeouts.answer
    });
    finish(send(request, limit).await?, call.request.stream, limit).await
}

/// What the protocol's answers become, wherever they come from.
pub(super) async fn finish(
    exchange: Exchange,
    stream: bool,
    limit: Instant,
) -> Result<Answer, Failure> {
    if exchange.status != 200 {
        return Err(start::refused(exchange, limit, |body| {
            let message = error_message(&body);
            (body, message)
        })
        .await);
    }
    if stream {
        return start::stream(exchange, Box::new(relay::passthrough()), limit).await;
    }
    start::whole(exchange, limit, |body| match answer::capture(&body) {
        Ok(capture) => Ok((body, capture)),
        Err(why) => {
            let error = error::read(&body).map(|(status, message)| (status, message, body));
            Err(Failure::no_answer(&why, error))
        }
    })
    .await
}

/// The client's headers that belong to the protocol, verbatim: every
/// `anthropic-*`, as an open list. Never its credentials.
fn relayed(client: &HeaderMap) -> HeaderMap {
    let mut headers: HeaderMap = client
        .iter()
        .filter(|(name, _)| name.as_str().starts_with("anthropic-"))
        .map(|(name, value)| (name.clone(), value.clone()))
        .fold(HeaderMap::new(), |mut headers, (name, value)| {
            headers.append(name, value);
            headers
        });
    headers
        .entry("anthropic-version")
        .or_insert(DEFAULT_VERSION);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers
}

/// The message in an error body; the body itself where it has none.
fn error_message(body: &Bytes) -> String {
    error::read(body).map_or_else(
        || String::from_utf8_lossy(body).chars().take(200).collect(),
        |(_, message)| message,
    )
}
