//! Anthropic Messages: the client's own dialect, so bytes go through.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::exchange::{Exchange, deadline, post, send};
use super::failure::Failure;
use super::{Answer, Call, Endpoint, Timeouts, start};
use crate::catalog::Offer;
use crate::dialect::anthropic::{answer, error, relay};
use tokio::time::Instant;

/// What carries the key.
const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

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
    if call.query.is_some() {
        url.set_query(call.query);
    }
    let mut headers = relayed(call.headers);
    headers.insert(X_API_KEY, endpoint.key.clone());
    let body = call.request.for_upstream(&offer.upstream_model);
    let request = post(url, headers, body);
    let limit = deadline(if call.request.stream {
        timeouts.first_event
    } else {
        timeouts.answer
    });
    finish(
        send(http, request, limit).await?,
        call.request.stream,
        limit,
    )
    .await
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
    let mut headers = HeaderMap::with_capacity(8);
    for (name, value) in client {
        if name.as_str().starts_with("anthropic-") {
            headers.append(name, value.clone());
        }
    }
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
