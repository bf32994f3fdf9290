//! The control chain: what people and the gateway itself change.

use serde::Serialize;

use super::{EventName, Head, Prepared};
use crate::store::audit::{self, AuditRow, CONTROL_CHAIN};
use crate::store::{AgentId, StoreError, TenantId, Tx, now_us};

/// An event of the control chain.
#[derive(Clone, Copy, Debug)]
pub struct Event<D> {
    /// What happened.
    pub name: EventName,
    /// Whose it is; none for the installation's own.
    pub tenant: Option<TenantId>,
    /// Which agent's it is.
    pub agent: Option<AgentId>,
    /// What it is about: an object; decimals as strings, no secret.
    pub data: D,
}

impl<D: Serialize> Event<D> {
    /// An event of the installation.
    pub fn new(name: EventName, data: D) -> Self {
        Self {
            name,
            tenant: None,
            agent: None,
            data,
        }
    }
}

/// Why an event was not appended. The transaction must then be dropped.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The data is no JSON.
    #[error("the audit event cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

#[derive(Serialize)]
struct Body<'a, D> {
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<AgentId>,
    at: i64,
    data: &'a D,
    event: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant: Option<TenantId>,
}

/// Appends to the control chain, in the transaction of the act itself: neither
/// is ever there without the other.
pub async fn append<D: Serialize>(tx: &mut Tx, event: &Event<D>) -> Result<(), AppendError> {
    let event = Prepared::new(serde_json_canonicalizer::to_string(&Body {
        agent: event.agent,
        at: now_us(),
        data: &event.data,
        event: event.name.as_str(),
        tenant: event.tenant,
    })?);
    let (seq, link) = audit::head(tx, CONTROL_CHAIN).await?;
    let Head { seq, link } = Head { seq, link }.after(event.digest);
    let row = AuditRow {
        chain: CONTROL_CHAIN,
        seq,
        body: event.body,
        link,
    };
    Ok(audit::insert(tx, &row).await?)
}
