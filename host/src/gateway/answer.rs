//! From an answer that has begun to the response, and from a failed call to
//! its record.

use std::sync::Arc;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};

use super::capture::note;
use super::error::ApiError;
use super::headers::Receipt;
use super::incoming::{Incoming, unrecorded};
use super::names::names;
use super::relay;
use crate::dialect::relay::Forward;
use crate::provider::{Answer, Failure, Whole};
use crate::record::{OpenCall, Outcome, Status};
use crate::routing::dispatch::Begun;

/// Answers with what has begun.
///
/// # Errors
/// 503 where a whole answer cannot be recorded.
pub async fn respond(
    mut open: OpenCall,
    begun: Begun,
    incoming: &Incoming<'_>,
    receipt: &mut Receipt,
) -> Result<Response, ApiError> {
    let Begun {
        offer,
        answer,
        trial,
    } = begun;
    let first_token_us = i64::try_from(open.started().elapsed().as_micros()).ok();
    let progress = open.progress();
    progress.offer = Some(Arc::clone(&offer.id));
    progress.first_token_us = first_token_us;
    progress.http_status = Some(200);
    receipt.offer = Some(Arc::clone(&offer.id));
    match answer {
        Answer::Whole {
            answer,
            capture,
            upstream_request_id,
        } => {
            trial.succeeded();
            note(progress, &capture, &offer, true);
            progress
                .upstream_request_id
                .clone_from(&upstream_request_id);
            receipt.upstream_request_id = upstream_request_id;
            // Whoever sees the body has a settled row.
            open.close(Outcome::succeeded()).await.map_err(unrecorded)?;
            let body = match answer {
                Whole::Same(body) => body,
                Whole::Translated(answer) => {
                    let names = names(incoming, receipt, &offer);
                    Bytes::from(receipt.dialect.answer(&answer, &names))
                }
            };
            Ok(receipt.json(StatusCode::OK, body))
        }
        Answer::Stream(streaming) => {
            progress
                .upstream_request_id
                .clone_from(&streaming.upstream_request_id);
            receipt
                .upstream_request_id
                .clone_from(&streaming.upstream_request_id);
            receipt.streamed = true;
            let dialect = receipt.dialect;
            let encoder = match streaming.first.forward {
                Forward::Frames(_) => None,
                Forward::Events(_) => Some(dialect.encoder(names(incoming, receipt, &offer))),
            };
            let client = relay::Client { dialect, encoder };
            let timeouts = incoming.routes.providers.timeouts();
            let stream = relay::stream(open, offer, trial, *streaming, client, timeouts);
            let body = Body::from_stream(stream);
            let mut response = (StatusCode::OK, body).into_response();
            let headers = response.headers_mut();
            headers.insert(
                CONTENT_TYPE,
                HeaderValue::from_static("text/event-stream; charset=utf-8"),
            );
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
            receipt.write(headers);
            Ok(response)
        }
    }
}

/// Records that no provider answered, and gives `error` back to answer with.
pub async fn fail(
    mut open: OpenCall,
    reason: &'static str,
    error: ApiError,
    receipt: &Receipt,
) -> ApiError {
    let progress = open.progress();
    progress.http_status = Some(error.status());
    progress.offer.clone_from(&receipt.offer);
    progress
        .upstream_request_id
        .clone_from(&receipt.upstream_request_id);
    match open.close(Outcome::because(Status::Failed, reason)).await {
        Ok(()) => error,
        Err(unavailable) => unrecorded(unavailable),
    }
}

/// A provider's own error as the client's.
pub fn relay_failure(failure: Failure) -> ApiError {
    match failure.status {
        Some(status) => ApiError::relayed(status, failure),
        None => ApiError::provider(failure.message),
    }
}
