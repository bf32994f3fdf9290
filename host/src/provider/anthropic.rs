//! Anthropic Messages. A client of the same dialect has its bytes passed
//! through; any other's request and answer are translated.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue};
use tokio::time::Instant;

use super::exchange::{Exchange, deadline, post, send};
use super::failure::Failure;
use super::{Answer, Call, Endpoint, Timeouts, Whole, start, translated};
use crate::catalog::Offer;
use crate::dialect::anthropic::{answer, error, relay, request};
use crate::dialect::common::Capture;
use crate::dialect::{ClientRequest, RequestError};

/// What carries the key.
const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// Sent where the client names no version.
const DEFAULT_VERSION: HeaderValue = HeaderValue::from_static("2023-06-01");

pub(super) async fn call(
    http: &reqwest::Client,
    endpoint: &Endpoint,
    offer: &Offer,
    call: &Call<'_>,
    timeouts: &Timeouts,
) -> Result<Answer, Failure> {
    let body = encode(call, offer)?;
    let request = post(url(&endpoint.url, call), headers(endpoint, call), body);
    let limit = deadline(timeouts.to_begin(call.stream()));
    let exchange = send(http, request, limit).await?;
    finish(exchange, call, limit).await
}

/// Counts the input tokens of a call; the answer as it came.
pub(super) async fn count_tokens(
    http: &reqwest::Client,
    endpoint: &Endpoint,
    offer: &Offer,
    call: &Call<'_>,
    timeouts: &Timeouts,
) -> Result<Bytes, Failure> {
    let body = encode(call, offer)?;
    let mut url = url(&endpoint.url, call);
    url.set_path(&format!("{}/count_tokens", endpoint.url.path()));
    let limit = deadline(timeouts.to_begin(true));
    let request = post(url, headers(endpoint, call), body);
    let mut exchange = send(http, request, limit).await?;
    if exchange.status == 200 {
        exchange.read(limit).await
    } else {
        Err(start::refused(exchange, limit, same(call), said).await)
    }
}

/// What the protocol's answers become, wherever they come from.
pub(super) async fn finish(
    exchange: Exchange,
    call: &Call<'_>,
    limit: Instant,
) -> Result<Answer, Failure> {
    let same = same(call);
    if exchange.status != 200 {
        return Err(start::refused(exchange, limit, same, said).await);
    }
    if call.stream() {
        return if same {
            start::stream(exchange, Box::new(relay::passthrough()), limit).await
        } else {
            start::stream(exchange, Box::new(relay::translated()), limit).await
        };
    }
    start::whole(exchange, limit, |body| {
        let read = if same {
            answer::capture(&body).map(|capture| (Whole::Same(body.clone()), capture))
        } else {
            answer::to_common(&body).map(|answer| {
                let capture = Capture::from(&answer);
                (Whole::Translated(Box::new(answer)), capture)
            })
        };
        read.map_err(|why| {
            let error =
                error::read(&body).map(|(status, message)| (status, message, same.then_some(body)));
            Failure::no_answer(&why, error)
        })
    })
    .await
}

/// Whether the client speaks the protocol.
fn same(call: &Call<'_>) -> bool {
    matches!(call.request, ClientRequest::Anthropic(_))
}

fn encode(call: &Call<'_>, offer: &Offer) -> Result<Vec<u8>, RequestError> {
    match call.request {
        ClientRequest::Anthropic(request) => Ok(request.for_upstream(&offer.upstream_model)),
        other => request::encode::encode(
            &translated(other, offer)?,
            &offer.upstream_model,
            call.stream(),
            offer.default_output_tokens,
        ),
    }
}

fn url(base: &reqwest::Url, call: &Call<'_>) -> reqwest::Url {
    let mut url = base.clone();
    if same(call) && call.query.is_some() {
        url.set_query(call.query);
    }
    url
}

/// The key, and the client's headers that belong to the protocol, whatever the
/// client speaks, verbatim: every `anthropic-*`, as an open list. Never its
/// credentials.
fn headers(endpoint: &Endpoint, call: &Call<'_>) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(8);
    for (name, value) in call.headers {
        if name.as_str().starts_with("anthropic-") {
            headers.append(name, value.clone());
        }
    }
    headers
        .entry("anthropic-version")
        .or_insert(DEFAULT_VERSION);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(X_API_KEY, endpoint.key.clone());
    headers
}

/// The provider's words in an error body.
fn said(body: &[u8]) -> Option<String> {
    error::read(body).map(|(_, message)| message)
}
