//! One HTTP exchange with a provider.

use std::pin::Pin;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt, TryStreamExt};
use http::{HeaderMap, Method};
use http_body_util::BodyDataStream;
use reqwest::Url;
use tokio::time::{Instant, timeout_at};

use super::failure::{Failure, FailureKind};

/// The bytes of an answer as they come.
pub type ByteStream = Pin<Box<dyn Stream<Item = Result<Bytes, ReadError>> + Send>>;

/// The largest answer that is held in memory, in bytes.
const MAX_WHOLE: usize = 64 << 20;

/// A connection that broke while an answer was read.
#[derive(Debug, thiserror::Error)]
#[error("the provider broke off: {0}")]
pub struct ReadError(pub String);

/// A provider's response: status and headers are here, the body is to come.
pub(super) struct Exchange {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: ByteStream,
}

/// Sends `request`, waiting for the response's headers until `deadline`.
pub(super) async fn send(
    http: &reqwest::Client,
    request: reqwest::Request,
    deadline: Instant,
) -> Result<Exchange, Failure> {
    let response = timeout_at(deadline, http.execute(request))
        .await
        .map_err(|_| timed_out())?
        .map_err(|error| {
            if error.is_timeout() {
                timed_out()
            } else {
                Failure::new(
                    FailureKind::Unreachable,
                    format!("the provider cannot be reached: {}", root(&error)),
                )
            }
        })?;
    // Into parts, so that the headers are not copied.
    let (parts, body) = http::Response::from(response).into_parts();
    let body = BodyDataStream::new(body).map_err(|error| ReadError(root(&error)));
    Ok(Exchange {
        status: parts.status.as_u16(),
        headers: parts.headers,
        body: Box::pin(body),
    })
}

/// A POST of `body` to `url`.
pub(super) fn post(url: Url, headers: HeaderMap, body: Vec<u8>) -> reqwest::Request {
    let mut request = reqwest::Request::new(Method::POST, url);
    *request.headers_mut() = headers;
    *request.body_mut() = Some(body.into());
    request
}

impl Exchange {
    /// The first of `names` among the headers, as text.
    pub(super) fn header(&self, names: &[&str]) -> Option<String> {
        names
            .iter()
            .find_map(|name| self.headers.get(*name)?.to_str().ok())
            .map(str::to_owned)
    }

    /// The whole body.
    pub(super) async fn read(&mut self, deadline: Instant) -> Result<Bytes, Failure> {
        let mut first = Bytes::new();
        let mut rest = BytesMut::new();
        while let Some(chunk) = timeout_at(deadline, self.body.next())
            .await
            .map_err(|_| timed_out())?
        {
            let chunk =
                chunk.map_err(|error| Failure::new(FailureKind::Unreachable, error.to_string()))?;
            if first.is_empty() {
                // Most bodies come in one chunk, which then is not copied.
                first = chunk;
                continue;
            }
            if rest.is_empty() {
                rest.extend_from_slice(&first);
            }
            if rest.len() + chunk.len() > MAX_WHOLE {
                return Err(Failure::new(
                    FailureKind::Garbage,
                    "the provider's answer is larger than 64 MiB",
                ));
            }
            rest.extend_from_slice(&chunk);
        }
        Ok(if rest.is_empty() {
            first
        } else {
            rest.freeze()
        })
    }
}

pub(super) fn timed_out() -> Failure {
    Failure::new(FailureKind::TimedOut, "the provider did not answer in time")
}

/// `after` from now.
pub(super) fn deadline(after: Duration) -> Instant {
    Instant::now() + after
}

/// The innermost cause: the outer ones only say that a request failed, and
/// name its URL.
fn root(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
