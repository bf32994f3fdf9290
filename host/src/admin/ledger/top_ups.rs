//! Money that a tenant pays in, or is paid back.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::IntoResponse;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::admin::auth::Caller;
use crate::admin::body::{self, Path};
use crate::admin::error::{ApiError, ErrorBody};
use crate::admin::{AdminState, act, money, name};
use crate::lifecycle::Internal;
use crate::record::audit::{self, Event, EventName};
use crate::store::ledger;
use crate::store::{StoreError, TenantId, TopUpId, Tx, now_us, tenancy};

/// Money that a tenant pays in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::admin) struct NewTopUp {
    /// US dollars, at most 9 digits after the point; below 0 pays back, at most
    /// what is available.
    #[schema(example = "25.00")]
    amount_usd: String,
    /// Of the payment: the tenant's top-ups of one reference are one. 1 to 100
    /// characters, no control characters.
    #[schema(example = "invoice-2026-117")]
    reference: String,
    /// What people say of it; as `reference`.
    note: Option<String>,
}

/// Money that a tenant paid in.
#[derive(Serialize, ToSchema)]
pub(in crate::admin) struct TopUp {
    #[schema(value_type = String, example = "top_03792578ec401000")]
    id: TopUpId,
    #[schema(value_type = String, example = "tnt_0379257800000000")]
    tenant: TenantId,
    /// Below 0 where it was paid back.
    amount_usd: String,
    reference: String,
    note: Option<String>,
    /// Microseconds since the Unix epoch.
    at_us: i64,
}

impl From<ledger::TopUp> for TopUp {
    fn from(top_up: ledger::TopUp) -> Self {
        Self {
            id: top_up.id,
            tenant: top_up.tenant,
            amount_usd: money::usd(top_up.amount_nanousd),
            reference: top_up.reference,
            note: top_up.note,
            at_us: top_up.at_us,
        }
    }
}

/// Pays in, or back.
#[utoipa::path(
    post,
    path = "/admin/v1/tenants/{id}/top-ups",
    tag = "Money",
    params(("id" = String, Path, description = "The tenant's id, `tnt_…`.")),
    request_body = NewTopUp,
    responses(
        (status = 201, description = "The top-up. Audited as `ledger.topped_up`.", body = TopUp),
        (status = 200, description = "The top-up that was made before with this reference and amount; nothing was done.", body = TopUp),
        (status = 400, description = "`invalid_request`: a field does not fit; the message names it.", body = ErrorBody),
        (status = 404, description = "`not_found`: there is no such tenant.", body = ErrorBody),
        (status = 409, description = "`exists`: there is a top-up of this reference with another amount.", body = ErrorBody),
        (status = 422, description = "`insufficient_funds`: more would be paid back than is available.\n\n`too_large`: the account cannot hold so much.", body = ErrorBody)
    )
)]
pub(in crate::admin) async fn top_up(
    State(state): State<AdminState>,
    caller: Caller,
    Path(id): Path,
    body: Body,
) -> Result<impl IntoResponse, ApiError> {
    let id = body::id(&id)?;
    let (new, _) = body::json::<NewTopUp>(body).await?;
    let tenant = tenancy::get_tenant(&state.store, id).await?.id;
    let amount_nanousd = money::signed("amount_usd", &new.amount_usd)?;
    if amount_nanousd == 0 {
        return Err(ApiError::bad_request("amount_usd: not 0"));
    }
    let top_up = ledger::TopUp {
        // Of one order with the keys of calls: the ledger is paged by both.
        id: TopUpId(state.records.key()),
        at_us: now_us(),
        tenant,
        amount_nanousd,
        reference: name::text("reference", new.reference)?,
        note: new.note.map(|note| name::text("note", note)).transpose()?,
        actor: caller.to_string(),
    };
    let (status, top_up) = act::detached(async move {
        let mut tx = state.store.begin().await?;
        if let Some(before) = ledger::top_up_of(&mut tx, tenant, &top_up.reference).await? {
            return same(before, &top_up).map(|before| (StatusCode::OK, before));
        }
        fits(&mut tx, &top_up).await?;
        ledger::top_up(&mut tx, &top_up).await?;
        covered(&mut tx, &top_up).await?;
        audit::append(&mut tx, &event(&top_up)).await?;
        tx.commit()
            .await
            .map_err(StoreError::from)
            .map_err(Internal::from)?;
        Ok((StatusCode::CREATED, top_up))
    })
    .await?;
    Ok((status, Json(TopUp::from(top_up))))
}

/// The top-up that was made before, if it is the same.
fn same(before: ledger::TopUp, top_up: &ledger::TopUp) -> Result<ledger::TopUp, ApiError> {
    if before.amount_nanousd == top_up.amount_nanousd {
        return Ok(before);
    }
    Err(ApiError::new(
        StatusCode::CONFLICT,
        "exists",
        format!(
            "the reference is that of {}, over {} USD; give each payment one of its own",
            before.id,
            money::usd(before.amount_nanousd)
        ),
    ))
}

/// Whether the account can hold so much.
async fn fits(tx: &mut Tx, top_up: &ledger::TopUp) -> Result<(), ApiError> {
    let account = ledger::account(tx, top_up.tenant).await?;
    let sums = [account.available_nanousd, account.paid_in_nanousd];
    if sums
        .into_iter()
        .any(|sum| sum.checked_add(top_up.amount_nanousd).is_none())
    {
        return Err(ApiError::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "too_large",
            "the account cannot hold so much; top up less",
        ));
    }
    Ok(())
}

/// Whether what was paid back had been available. Asked after the change, which
/// holds the account: no call takes the money in between, on a server neither.
async fn covered(tx: &mut Tx, top_up: &ledger::TopUp) -> Result<(), ApiError> {
    let amount = top_up.amount_nanousd;
    let left = ledger::account(tx, top_up.tenant).await?.available_nanousd;
    if amount < 0 && left < 0 {
        return Err(ApiError::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "insufficient_funds",
            format!(
                "{} USD are available, what is held apart; pay back at most that",
                money::usd(left.saturating_sub(amount))
            ),
        ));
    }
    Ok(())
}

fn event(top_up: &ledger::TopUp) -> Event<serde_json::Value> {
    Event {
        name: EventName::LedgerToppedUp,
        tenant: Some(top_up.tenant),
        agent: None,
        data: json!({
            "actor": top_up.actor,
            "amount_usd": money::usd(top_up.amount_nanousd),
            "note": top_up.note,
            "reference": top_up.reference,
            "top_up": top_up.id,
        }),
    }
}
