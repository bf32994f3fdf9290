//! The first answer as it is kept, and as it is given again.

use std::convert::Infallible;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};

use crate::dialect::sse::Splitter;
use crate::gateway::headers::{self, Receipt};

/// What is kept beside the bytes of an answer.
#[derive(Serialize, Deserialize)]
struct Head {
    /// Whether it was streamed.
    stream: bool,
    /// Its headers, but for what changes with each request.
    headers: Vec<(String, String)>,
}

/// Why a kept answer cannot be given.
#[derive(Debug, thiserror::Error)]
#[error("the answer kept under this key cannot be read: {0}; use another key")]
pub struct Unreadable(serde_json::Error);

/// The head of the answer of which `receipt` is, as JSON.
pub fn head(receipt: &Receipt) -> String {
    let mut headers = HeaderMap::new();
    receipt.write_call(&mut headers);
    let text = |value: &HeaderValue| str::from_utf8(value.as_bytes()).map(str::to_owned).ok();
    let head = Head {
        stream: receipt.streamed,
        headers: headers
            .iter()
            .filter_map(|(name, value)| Some((name.to_string(), text(value)?)))
            .collect(),
    };
    serde_json::to_string(&head).unwrap_or_default()
}

/// The answer again; of `receipt`, which is the new request's, only where the
/// key stands.
///
/// # Errors
/// If the head is none.
pub fn replay(head: &str, answer: Vec<u8>, receipt: &Receipt) -> Result<Response, Unreadable> {
    let head: Head = serde_json::from_str(head).map_err(Unreadable)?;
    let mut response = if head.stream {
        headers::events(Body::from_stream(stream::iter(events(answer.into()))))
    } else {
        headers::json(StatusCode::OK, answer)
    };
    let headers = response.headers_mut();
    for (name, value) in head.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.insert(name, value);
        }
    }
    if head.stream {
        headers.insert(
            "x-ainfera-stream-mode",
            HeaderValue::from_static("replayed"),
        );
    }
    headers.insert("idempotency-replayed", HeaderValue::from_static("true"));
    receipt.write_standing(headers);
    Ok(response)
}

/// A stream's bytes event by event, as clients expect them to come.
fn events(stream: Bytes) -> Vec<Result<Bytes, Infallible>> {
    let mut splitter = Splitter::default();
    let whole = splitter.feed(stream.clone());
    let mut ends: Vec<usize> = whole.iter().map(|frame| frame.end).collect();
    // What is left is no event of a dialect, but it was sent.
    if ends.last() != Some(&stream.len()) {
        ends.push(stream.len());
    }
    let mut start = 0;
    ends.into_iter()
        .map(|end| Ok(stream.slice(std::mem::replace(&mut start, end)..end)))
        .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::dialect::Dialect;
    use crate::gateway::rate::Standing;
    use crate::record::Key;

    fn receipt(key: i64, remaining: u32) -> Receipt {
        let mut receipt = Receipt::new(Key(key), Dialect::OpenaiChat);
        receipt.rate = Some(Standing {
            limit: 9,
            remaining,
            reset: Duration::from_secs(1),
            wait: None,
        });
        receipt
    }

    #[tokio::test]
    async fn an_answer_comes_with_its_own_headers_and_the_rate_of_now() {
        let mut first = receipt(1, 8);
        first.streamed = true;
        first.upstream_request_id = Some("schön".to_owned());
        first.dates = (Some(jiff::civil::date(2026, 1, 1)), None);
        let answer = b": c\n\ndata: 1\r\n\r\ndata: 2\n\nrest".to_vec();
        let again = replay(&head(&first), answer.clone(), &receipt(2, 3)).unwrap();
        let (parts, body) = again.into_parts();
        let mut expected = HeaderMap::new();
        first.write_call(&mut expected);
        for (name, value) in [
            ("content-type", "text/event-stream; charset=utf-8"),
            ("cache-control", "no-cache"),
            ("x-ainfera-stream-mode", "replayed"),
            ("idempotency-replayed", "true"),
            ("x-ratelimit-limit-requests", "9"),
            ("x-ratelimit-remaining-requests", "3"),
            ("x-ratelimit-reset-requests", "1s"),
        ] {
            expected.insert(name, HeaderValue::from_static(value));
        }
        assert_eq!(parts.headers, expected);
        assert_eq!(parts.headers["deprecation"], "@1767225600");
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        assert_eq!(body, answer);
    }

    #[test]
    fn a_stream_is_cut_between_events() {
        let cut = |stream: &'static str| -> Vec<Bytes> {
            let Ok(pieces) = events(stream.into()).into_iter().collect();
            pieces
        };
        assert_eq!(cut("a\n\nb\r\n\r\n"), ["a\n\n", "b\r\n\r\n"]);
        assert_eq!(cut("a\n\nrest"), ["a\n\n", "rest"]);
        assert_eq!(cut("rest"), ["rest"]);
    }
}
