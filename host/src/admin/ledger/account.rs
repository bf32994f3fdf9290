//! What a tenant has, and what its agents spent today.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use serde::Serialize;
use utoipa::ToSchema;

use crate::admin::body::{self, Path};
use crate::admin::error::{ApiError, ErrorBody};
use crate::admin::{AdminState, money};
use crate::record::day_of;
use crate::store::ledger::{self, AgentDay};
use crate::store::{AgentId, TenantId, now_us, tenancy};

/// What a tenant has, in US dollars.
#[derive(Serialize, ToSchema)]
pub(in crate::admin) struct Account {
    #[schema(value_type = String, example = "tnt_0379257800000000")]
    tenant: TenantId,
    /// Paid in, less what was charged and is held. Below 0, it is on credit.
    available_usd: String,
    /// For calls that run.
    held_usd: String,
    charged_usd: String,
    paid_in_usd: String,
    /// How far below 0 what is available may fall; null is any.
    credit_limit_usd: Option<String>,
    /// The UTC day of `agents`, counted from 1970-01-01.
    day: i64,
    /// Every agent, the first one first.
    agents: Vec<AgentSpend>,
}

/// What an agent may spend, and spent on the day, in US dollars.
#[derive(Serialize, ToSchema)]
pub(in crate::admin) struct AgentSpend {
    #[schema(value_type = String, example = "agt_0379257800000001")]
    agent: AgentId,
    /// Null is any.
    call_cap_usd: Option<String>,
    /// Null is any.
    day_cap_usd: Option<String>,
    day_charged_usd: String,
    /// For its calls of the day that run.
    day_held_usd: String,
}

impl From<AgentDay> for AgentSpend {
    fn from(day: AgentDay) -> Self {
        Self {
            agent: day.agent,
            call_cap_usd: day.call_cap_nanousd.map(money::usd),
            day_cap_usd: day.day_cap_nanousd.map(money::usd),
            day_charged_usd: money::usd(day.charged_nanousd),
            day_held_usd: money::usd(day.held_nanousd),
        }
    }
}

/// What a tenant has, and what its agents spent today.
#[utoipa::path(
    get,
    path = "/admin/v1/tenants/{id}/account",
    tag = "Money",
    params(("id" = String, Path, description = "The tenant's id, `tnt_…`.")),
    responses(
        (status = 200, description = "The account as it is now.", body = Account),
        (status = 404, description = "`not_found`: there is no such tenant.", body = ErrorBody)
    )
)]
pub(in crate::admin) async fn get_account(
    State(state): State<AdminState>,
    Path(id): Path,
) -> Result<impl IntoResponse, ApiError> {
    let tenant = tenancy::get_tenant(&state.store, body::id(&id)?).await?;
    let day = day_of(now_us());
    let mut tx = state.store.snapshot().await?;
    let account = ledger::account(&mut tx, tenant.id).await?;
    let agents = ledger::days(&mut tx, tenant.id, day).await?;
    Ok(Json(Account {
        tenant: tenant.id,
        available_usd: money::usd(account.available_nanousd),
        held_usd: money::usd(account.held_nanousd),
        charged_usd: money::usd(account.charged_nanousd),
        paid_in_usd: money::usd(account.paid_in_nanousd),
        credit_limit_usd: tenant.credit_limit_nanousd.map(money::usd),
        day,
        agents: agents.into_iter().map(AgentSpend::from).collect(),
    }))
}
