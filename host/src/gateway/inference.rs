//! A call for an answer, in any dialect.
//!
//! The checks come in the order that the records rely on: key, rate limit, size,
//! form, classification, idempotency, agent, policy, engine.

use std::sync::Arc;

use axum::extract::Request;
use axum::response::Response;

use super::error::ApiError;
use super::headers::Receipt;
use super::idempotency::{self, Keyed, to_its_end};
use super::received::Received;
use super::{Gateway, pinned, routed};
use crate::dialect::{ClientRequest, Dialect};

/// Answers a call of `route`, streamed or not. One with an idempotency key is
/// run to its end, so that whoever left and retries finds its answer.
pub async fn answer(
    gateway: Arc<Gateway>,
    dialect: Dialect,
    route: &'static str,
    request: Request,
) -> Response {
    let mut receipt = Receipt::new(gateway.records.key(), dialect);
    let keyed = gateway.idempotency.is_some() && idempotency::is_keyed(request.headers());
    match Received::take(&gateway, request, &mut receipt).await {
        Ok(received) if keyed => {
            to_its_end(async move { run(&gateway, route, received, receipt).await }).await
        }
        Ok(received) => run(&gateway, route, received, receipt).await,
        Err(error) => refused(&gateway, route, error, &receipt),
    }
}

async fn run(
    gateway: &Gateway,
    route: &'static str,
    received: Received,
    mut receipt: Receipt,
) -> Response {
    match serve(gateway, route, &received, &mut receipt).await {
        Ok(response) => response,
        Err(error) => refused(gateway, route, error, &receipt),
    }
}

fn refused(gateway: &Gateway, route: &'static str, error: ApiError, receipt: &Receipt) -> Response {
    gateway.metrics.error(route, error.code());
    error.respond(receipt)
}

async fn serve(
    gateway: &Gateway,
    route: &'static str,
    received: &Received,
    receipt: &mut Receipt,
) -> Result<Response, ApiError> {
    let request = ClientRequest::read(receipt.dialect, &received.body)
        .map_err(|error| ApiError::invalid(error.to_string()))?;
    let mut incoming = received.call(gateway, &request, route)?;
    let agent = incoming.caller.agent;
    incoming.keyed = Keyed::read(gateway, incoming.headers, agent, route, &received.body)?;
    let served = if incoming.routes.catalog.names(&incoming.head().model) {
        pinned::serve(&incoming, receipt).await
    } else {
        routed::serve(&incoming, gateway.policy.deciding(), receipt).await
    };
    match served {
        // Another took the key since this one looked: what is it, and has it
        // ended?
        Err(error) if error.is_claimed() => match incoming.replayed(receipt).await? {
            Some(replayed) => Ok(replayed),
            None => Err(error),
        },
        served => served,
    }
}
