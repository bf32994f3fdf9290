//! `GET /v1/receipts/{id}`: what a call was charged, and why so much.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use http::{HeaderMap, Uri};
use serde::Serialize;
use utoipa::ToSchema;

use super::inference::{RecordedUsage, provider, time};
use super::{json, own_call, unreadable};
use crate::catalog::{Catalog, CatalogFile, NanoUsd, Prices};
use crate::gateway::Gateway;
use crate::gateway::error::ApiError;
use crate::gateway::headers::Receipt;
use crate::gateway::openapi::records::ReceiptRecords;
use crate::gateway::refusal::spoken;
use crate::record::Status;
use crate::store::inferences::Inference;
use crate::store::{AgentId, catalog};

/// What a receipt's id begins with.
const PREFIX: &str = "rcp_";

/// The receipt of a call. Amounts are US dollars, as decimals. What does not
/// exist is left out.
#[derive(Serialize, ToSchema)]
pub struct ReceiptRecord<'a> {
    id: String,
    /// Always `receipt`.
    object: &'static str,
    status: ReceiptStatus,
    request_id: String,
    inference_id: String,
    agent_id: String,
    /// How the call ended: `succeeded`, `interrupted`, `cancelled` or
    /// `abandoned`.
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<&'a str>,
    /// The offer that answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<&'a str>,
    /// When the call was admitted (RFC 3339).
    opened_at: String,
    /// When it was settled.
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_at: Option<String>,
    /// What was held for it: the largest estimate among its candidates.
    #[serde(skip_serializing_if = "Option::is_none")]
    held_usd: Option<String>,
    /// What it cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    charged_usd: Option<String>,
    /// What was held and not charged.
    #[serde(skip_serializing_if = "Option::is_none")]
    released_usd: Option<String>,
    /// What was charged above what was held.
    #[serde(skip_serializing_if = "Option::is_none")]
    over_hold_usd: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<RecordedUsage<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prices: Option<ReceiptPrices>,
}

/// Where a receipt stands.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptStatus {
    /// The call runs.
    Pending,
    /// It ended, and was charged.
    Settled,
    /// The gateway was killed while it ran: nobody knows what it used, and
    /// nothing was charged.
    UsageUnknown,
}

/// The prices that it was charged by: US dollars for a million tokens.
#[derive(Serialize, ToSchema)]
pub struct ReceiptPrices {
    /// The version of the catalog that has them.
    catalog_version: i64,
    input_usd: String,
    output_usd: String,
    cache_read_usd: String,
    cache_write_usd: String,
}

impl ReceiptPrices {
    fn new(catalog_version: i64, prices: &Prices) -> Self {
        Self {
            catalog_version,
            input_usd: prices.input().to_string(),
            output_usd: prices.output().to_string(),
            cache_read_usd: prices.cache_read().to_string(),
            cache_write_usd: prices.cache_write().to_string(),
        }
    }
}

impl<'a> ReceiptRecord<'a> {
    /// The receipt of `call`; none where nothing was charged.
    fn new(call: &'a Inference, agent: AgentId, prices: Option<ReceiptPrices>) -> Option<Self> {
        let status = status(call)?;
        let ended = status != ReceiptStatus::Pending;
        let (held, charged) = (call.hold_nanousd, call.charged_nanousd.unwrap_or(0));
        let usd = |nanousd| NanoUsd(nanousd).to_string();
        // The part of `of` that is above `above`.
        let beyond = |of: i64, above: i64| of.saturating_sub(above).max(0);
        let over = beyond(charged, held.unwrap_or(charged));
        let offer = call.offer.as_deref();
        Some(Self {
            id: call.key.receipt_id(),
            object: "receipt",
            status,
            request_id: call.key.request_id(),
            inference_id: call.key.inference_id(),
            agent_id: agent.to_string(),
            outcome: ended.then_some(&call.status),
            model: offer,
            provider: offer.and_then(provider),
            opened_at: time(call.opened_us),
            settled_at: call.closed_us.map(time),
            held_usd: held.map(usd),
            charged_usd: ended.then(|| usd(charged)),
            released_usd: held
                .filter(|_| ended)
                .map(|held| usd(beyond(held, charged))),
            over_hold_usd: (over > 0).then(|| usd(over)),
            usage: RecordedUsage::of(call),
            prices,
        })
    }
}

/// Where the receipt of `call` stands, if there is, or will be, one.
fn status(call: &Inference) -> Option<ReceiptStatus> {
    if call.closed_us.is_none() {
        Some(ReceiptStatus::Pending)
    } else if call.status == Status::Abandoned.as_str() {
        Some(ReceiptStatus::UsageUnknown)
    } else {
        call.charged_nanousd.map(|_| ReceiptStatus::Settled)
    }
}

/// The receipt of a call.
#[utoipa::path(
    get,
    path = "/v1/receipts/{id}",
    tag = "Records",
    operation_id = "getReceipt",
    summary = "Tells what a call was charged.",
    description = "Of calls of the key's own agent. Whoever saw the end of an answer finds it settled.",
    params(("id" = String, Path, description = "As `x-ainfera-receipt-id` has it.", min_length = 1, example = "rcp_03792578ec401000")),
    responses(ReceiptRecords)
)]
pub async fn get_receipt(
    State(gateway): State<Arc<Gateway>>,
    uri: Uri,
    headers: HeaderMap,
    id: Result<Path<String>, PathRejection>,
) -> Response {
    let mut receipt = Receipt::new(gateway.records.key(), spoken(&uri, &headers));
    match look(&gateway, &headers, id, &mut receipt).await {
        Ok(response) => response,
        Err(error) => error.respond(&receipt),
    }
}

async fn look(
    gateway: &Gateway,
    headers: &HeaderMap,
    id: Result<Path<String>, PathRejection>,
    receipt: &mut Receipt,
) -> Result<Response, ApiError> {
    let (call, agent) = own_call(gateway, headers, (PREFIX, id), unknown, receipt).await?;
    let prices = prices(gateway, &call).await?;
    let record = ReceiptRecord::new(&call, agent, prices).ok_or_else(free)?;
    json(&record, receipt)
}

/// The prices of the offer that answered, in the catalog version that the call
/// kept to its end.
async fn prices(gateway: &Gateway, call: &Inference) -> Result<Option<ReceiptPrices>, ApiError> {
    let (Some(offer), Some(version)) = (call.offer.as_deref(), call.catalog_version) else {
        return Ok(None);
    };
    let now = gateway.routes.load();
    let found = if now.catalog.version == version {
        now.catalog.prices(offer)
    } else {
        let row = catalog::get(&gateway.store, version)
            .await
            .map_err(unreadable)?;
        // It was checked when it was made.
        row.and_then(|row| Catalog::new(version, CatalogFile::from_json(&row.body).ok()?).ok())
            .and_then(|catalog| catalog.prices(offer))
    };
    Ok(found.map(|prices| ReceiptPrices::new(version, &prices)))
}

/// 404, whether there is none or it is another's.
pub fn unknown() -> ApiError {
    ApiError::not_found(
        "this key's agent made no such call; ids are those of the header `x-ainfera-receipt-id`",
    )
}

/// 404 for a call that was made for nothing.
pub fn free() -> ApiError {
    ApiError::not_found(
        "there is no receipt, as nothing was charged: the call ended before a provider began to answer; `GET /v1/inferences/{id}` tells why",
    )
}
