//! Reading a request's body, for both listeners, within limits.

use std::time::Duration;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use tokio::time::{Instant, timeout, timeout_at};

/// What of a refused body is still read, so that its sender gets the answer
/// instead of a broken connection: bytes, and time.
const DISCARDED: (usize, Duration) = (96 << 20, Duration::from_secs(10));

/// Limits on one body.
#[derive(Clone, Copy, Debug)]
pub struct BodyLimits {
    /// The most bytes.
    pub bytes: usize,
    /// The longest pause while it comes in.
    pub pause: Duration,
    /// The longest that it may take in all.
    pub total: Duration,
}

/// Why there is no body.
#[derive(Debug, PartialEq, Eq)]
pub enum BodyError {
    /// More bytes than may be.
    TooLarge,
    /// It paused or trickled.
    TooSlow,
    /// It broke off; the transport's words.
    Broken(String),
}

/// The whole of `body`.
///
/// # Errors
/// If it breaks a limit, or off. One that says itself that it is too large is
/// refused before it is read.
pub async fn read(mut body: Body, limits: &BodyLimits) -> Result<Bytes, BodyError> {
    let said = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if said > limits.bytes {
        discard(body);
        return Err(BodyError::TooLarge);
    }
    let end = Instant::now() + limits.total;
    let mut first = Bytes::new();
    let mut all = BytesMut::new();
    loop {
        let pause = end.min(Instant::now() + limits.pause);
        let frame = match timeout_at(pause, body.frame()).await {
            Err(_) => return Err(BodyError::TooSlow),
            Ok(None) => return Ok(if all.is_empty() { first } else { all.freeze() }),
            Ok(Some(Err(error))) => return Err(BodyError::Broken(error.to_string())),
            Ok(Some(Ok(frame))) => frame,
        };
        let Ok(data) = frame.into_data() else {
            continue;
        };
        if all.len().max(first.len()) + data.len() > limits.bytes {
            discard(body);
            return Err(BodyError::TooLarge);
        }
        if first.is_empty() {
            // Most bodies come in one chunk, which then is not copied.
            first = data;
        } else {
            if all.is_empty() {
                all.reserve(said.max(first.len() + data.len()));
                all.extend_from_slice(&first);
            }
            all.extend_from_slice(&data);
        }
    }
}

/// Reads on and throws away, within bounds.
fn discard(mut body: Body) {
    let (mut left, time) = DISCARDED;
    tokio::spawn(timeout(time, async move {
        while let Some(Ok(frame)) = body.frame().await {
            left = left.saturating_sub(frame.data_ref().map_or(0, Bytes::len));
            if left == 0 {
                break;
            }
        }
    }));
}
