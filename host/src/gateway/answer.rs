//! From an answer that has begun to the response, and from a failed call to
//! its record.

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::StatusCode;

use super::capture::Meter;
use super::error::{ApiError, unrecorded};
use super::headers::Receipt;
use super::incoming::Incoming;
use super::names::names;
use super::relay;
use crate::catalog::NanoUsd;
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
    let meter = Meter::new(Arc::clone(&offer), &incoming.head().shape);
    match answer {
        Answer::Whole {
            answer,
            capture,
            upstream_request_id,
        } => {
            trial.succeeded();
            meter.note(progress, &capture, true);
            let cost = progress.cost_nanousd.map(|cost| NanoUsd(cost).to_string());
            progress
                .upstream_request_id
                .clone_from(&upstream_request_id);
            receipt.upstream_request_id = upstream_request_id;
            receipt.settles = true;
            let body = match answer {
                Whole::Same(body) => body,
                Whole::Translated(answer) => {
                    let mut names = names(incoming, receipt, &offer);
                    names.native.cost_usd = cost;
                    Bytes::from(receipt.dialect.answer(&answer, &names))
                }
            };
            if let Some(keyed) = &incoming.keyed {
                keyed.keep(&mut open, receipt, &body);
            }
            // Whoever sees the body has a settled row.
            open.close(Outcome::succeeded()).await.map_err(unrecorded)?;
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
            receipt.settles = true;
            let dialect = receipt.dialect;
            let encoder = match streaming.first.forward {
                Forward::Frames(_) => None,
                Forward::Events(_) => Some(dialect.encoder(names(incoming, receipt, &offer))),
            };
            let client = relay::Client {
                dialect,
                encoder,
                tee: incoming.keyed.as_ref().map(|keyed| keyed.tee(receipt)),
            };
            let timeouts = incoming.routes.providers.timeouts();
            let stream = relay::stream(open, meter, trial, *streaming, client, timeouts);
            Ok(receipt.events(Body::from_stream(stream)))
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
