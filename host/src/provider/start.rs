//! From a response's headers to an answer that has begun.

use bytes::Bytes;
use futures_util::StreamExt;
use tokio::time::{Instant, timeout_at};

use super::exchange::{Exchange, timed_out};
use super::failure::{Failure, FailureKind};
use super::{Answer, Streaming, Whole};
use crate::dialect::common::Capture;
use crate::dialect::relay::{Progress, Relay};

/// Headers under which providers name a request.
const REQUEST_ID: [&str; 2] = ["request-id", "x-request-id"];

/// Waits for the first event of a stream; errors and deaths before it are the
/// call's failure.
pub(super) async fn stream(
    mut exchange: Exchange,
    mut relay: Box<dyn Relay>,
    deadline: Instant,
) -> Result<Answer, Failure> {
    let upstream_request_id = exchange.header(&REQUEST_ID);
    let is_stream = exchange
        .header(&["content-type"])
        .is_none_or(|ty| ty.starts_with("text/event-stream"));
    if !is_stream {
        return Err(Failure::new(
            FailureKind::Garbage,
            "the provider answered a streamed call with something that is no event stream",
        ));
    }
    loop {
        let next = timeout_at(deadline, exchange.body.next())
            .await
            .map_err(|_| timed_out())?;
        let step = match next {
            Some(Ok(chunk)) => relay.feed(chunk),
            Some(Err(error)) => {
                return Err(Failure {
                    upstream_request_id,
                    ..Failure::new(FailureKind::Unreachable, error.to_string())
                });
            }
            None => relay.eof(),
        };
        match step.progress {
            Progress::Waiting => {}
            // Nothing was sent to the client yet: another candidate may answer.
            Progress::Failed(failure) if step.forward.is_empty() => {
                return Err(Failure {
                    upstream_request_id,
                    ..failure.into()
                });
            }
            _ => {
                let source = exchange.body;
                return Ok(Answer::Stream(Box::new(Streaming {
                    first: step,
                    relay,
                    source,
                    upstream_request_id,
                })));
            }
        }
    }
}

/// Reads an answer that is not streamed; `read` makes of its body what it says.
pub(super) async fn whole(
    mut exchange: Exchange,
    deadline: Instant,
    read: impl FnOnce(Bytes) -> Result<(Whole, Capture), Failure>,
) -> Result<Answer, Failure> {
    let upstream_request_id = exchange.header(&REQUEST_ID);
    let body = exchange.read(deadline).await?;
    match read(body) {
        Ok((answer, capture)) => Ok(Answer::Whole {
            answer,
            capture,
            upstream_request_id,
        }),
        Err(failure) => Err(Failure {
            upstream_request_id,
            ..failure
        }),
    }
}

/// A response with an error status. `message` finds the provider's words in its
/// body, which the client gets as it is where it speaks the `same` dialect.
pub(super) async fn refused(
    mut exchange: Exchange,
    deadline: Instant,
    same: bool,
    message: impl FnOnce(&[u8]) -> Option<String>,
) -> Failure {
    let upstream_request_id = exchange.header(&REQUEST_ID);
    let retry_after = exchange.header(&["retry-after"]);
    match exchange.read(deadline).await {
        Err(failure) => Failure {
            upstream_request_id,
            ..failure
        },
        Ok(body) => {
            let status = exchange.status;
            let message =
                message(&body).unwrap_or_else(|| format!("the provider answered {status}"));
            Failure {
                kind: FailureKind::Status,
                status: Some(status),
                retry_after,
                message,
                body: same.then_some(body),
                upstream_request_id,
            }
        }
    }
}
