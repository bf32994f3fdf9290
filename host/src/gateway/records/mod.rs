//! An agent's own records. Another's are not there: they give the 404 of what
//! never was.

pub mod audit;
pub mod inference;
mod page;
pub mod receipt;

use axum::response::Response;
use http::StatusCode;
use serde::Serialize;

use super::Gateway;
use super::error::ApiError;
use super::headers::Receipt;
use super::incoming::unrecorded;
use crate::record::RecordsUnavailable;
use crate::store::StoreError;

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

/// 503 for records that cannot be read.
fn unreadable(error: StoreError) -> ApiError {
    tracing::error!(%error, "records_unreadable");
    unrecorded("the records database does not answer; retry")
}

fn json(value: &impl Serialize, receipt: &Receipt) -> Result<Response, ApiError> {
    let body = serde_json::to_vec(value).map_err(unrecorded)?;
    Ok(receipt.json(StatusCode::OK, body))
}
