//! An agent's own records. Another's are not there: they give the 404 of what
//! never was.

pub mod audit;
pub mod inference;
mod page;
pub mod receipt;

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use serde::Serialize;

use super::error::{ApiError, unrecorded};
use super::headers::Receipt;
use super::{Gateway, auth};
use crate::record::{Key, RecordsUnavailable};
use crate::store::inferences::{self, Inference};
use crate::store::{AgentId, StoreError};

/// Waits until what was written before can be read: whoever saw an end finds
/// its record.
///
/// # Errors
/// 503 where the database does not take it.
async fn settled(gateway: &Gateway) -> Result<(), ApiError> {
    gateway.records.flush().await.map_err(unrecorded)?;
    if gateway.records.available() {
        Ok(())
    } else {
        Err(unrecorded(RecordsUnavailable::Database))
    }
}

/// The call that `id` names after `prefix`, and the caller's agent, whose it must
/// be.
///
/// # Errors
/// `unknown` where there is none or it is another's; 401, 429, 503.
async fn own_call(
    gateway: &Gateway,
    headers: &HeaderMap,
    (prefix, id): (&'static str, Result<Path<String>, PathRejection>),
    unknown: fn() -> ApiError,
    receipt: &mut Receipt,
) -> Result<(Inference, AgentId), ApiError> {
    let agent = auth::admit(headers, &gateway.callers, receipt)?.agent;
    let Path(id) = id.map_err(|_| unknown())?;
    let key = Key::parse(prefix, &id).map_err(|_| unknown())?;
    settled(gateway).await?;
    let call = inferences::of_agent(&gateway.store, key, agent)
        .await
        .map_err(unreadable)?;
    Ok((call.ok_or_else(unknown)?, agent))
}

/// 503 for records that cannot be read.
fn unreadable(error: StoreError) -> ApiError {
    tracing::error!(%error, "records_unreadable");
    unrecorded("the records database does not answer; retry")
}

fn json(value: &impl Serialize, receipt: &Receipt) -> Result<Response, ApiError> {
    let body = serde_json::to_vec(value).map_err(unrecorded)?;
    Ok(receipt.json(StatusCode::OK, body))
}
