//! A call for an answer, in any dialect.
//!
//! The checks come in the order that the records rely on: key, rate limit, size,
//! form, classification, agent, policy, engine.

use axum::extract::Request;
use axum::response::Response;

use super::error::ApiError;
use super::headers::Receipt;
use super::received::Received;
use super::{Gateway, pinned, routed};
use crate::dialect::{ClientRequest, Dialect};

/// Answers a call of `route`, streamed or not.
pub async fn answer(
    gateway: &Gateway,
    dialect: Dialect,
    route: &'static str,
    request: Request,
) -> Response {
    let mut receipt = Receipt::new(gateway.records.key(), dialect);
    match serve(gateway, route, request, &mut receipt).await {
        Ok(response) => response,
        Err(error) => {
            gateway.metrics.error(route, error.code());
            error.respond(&receipt)
        }
    }
}

async fn serve(
    gateway: &Gateway,
    route: &'static str,
    request: Request,
    receipt: &mut Receipt,
) -> Result<Response, ApiError> {
    let received = Received::take(gateway, request, receipt).await?;
    let request = ClientRequest::read(receipt.dialect, &received.body)
        .map_err(|error| ApiError::invalid(error.to_string()))?;
    let incoming = received.call(gateway, &request, route)?;
    if incoming.routes.catalog.names(&incoming.head().model) {
        pinned::serve(&incoming, receipt).await
    } else {
        routed::serve(&incoming, gateway.policy.deciding(), receipt).await
    }
}
