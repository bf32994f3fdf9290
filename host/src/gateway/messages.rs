//! `POST /v1/messages`: Anthropic Messages.
//!
//! The checks come in the order that the records rely on: key, size, form,
//! classification, agent, policy, engine.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use bytes::Bytes;

use super::error::ApiError;
use super::headers::Receipt;
use super::hint::Hint;
use super::incoming::Incoming;
use super::{Gateway, auth, pinned, routed};
use crate::body::{self, BodyError, BodyLimits};
use crate::dialect::anthropic::MessagesRequest;

/// Answers a call, streamed or not.
pub async fn messages(State(gateway): State<Arc<Gateway>>, request: Request) -> Response {
    let mut receipt = Receipt::new(gateway.records.key());
    match serve(&gateway, request, &mut receipt).await {
        Ok(response) => response,
        Err(error) => error.respond(&receipt),
    }
}

async fn serve(
    gateway: &Gateway,
    request: Request,
    receipt: &mut Receipt,
) -> Result<Response, ApiError> {
    let (parts, body) = request.into_parts();
    let caller = auth::authenticate(&parts.headers, &gateway.callers)?;
    receipt.agent = Some(caller.agent);
    let body = read(body, &gateway.limits).await?;
    let request =
        MessagesRequest::read(&body).map_err(|error| ApiError::invalid(error.to_string()))?;
    let incoming = Incoming {
        records: &gateway.records,
        rulesets: &gateway.rulesets,
        routes: gateway.routes.load_full(),
        caller,
        hint: Hint::read(request.hint)?,
        request: &request,
        headers: &parts.headers,
        query: parts.uri.query(),
        route: "/v1/messages",
    };
    if incoming.routes.catalog.names(&request.model) {
        pinned::serve(&incoming, receipt).await
    } else {
        routed::serve(&incoming, gateway.policy.deciding(), receipt).await
    }
}

/// The body, or the error that its sender is told.
async fn read(body: Body, limits: &BodyLimits) -> Result<Bytes, ApiError> {
    body::read(body, limits).await.map_err(|error| match error {
        BodyError::TooLarge => ApiError::too_large(limits.bytes),
        BodyError::TooSlow => ApiError::too_slow(),
        BodyError::Broken(why) => ApiError::invalid(format!("the request body broke off: {why}")),
    })
}
