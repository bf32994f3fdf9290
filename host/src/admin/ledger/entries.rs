//! The journal of a tenant: every movement of its money.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::admin::body::{self, Params, Path};
use crate::admin::error::{ApiError, ErrorBody};
use crate::admin::{AdminState, money};
use crate::store::ledger::{self, CallMoney, TopUp};
use crate::store::{AgentId, Key, TenantId, TopUpId, tenancy};

/// A page of a tenant's journal.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(in crate::admin) struct Page {
    /// The page begins after it: `next` of the page before.
    #[param(value_type = Option<String>, example = "top_03792578ec401000")]
    after: Option<TopUpId>,
    /// How many calls and top-ups, 1 to 1,000; else 50.
    limit: Option<u32>,
}

/// Entries of a tenant's journal, by the time at which their call or top-up
/// came.
#[derive(Serialize, ToSchema)]
pub(in crate::admin) struct Entries {
    #[schema(value_type = String, example = "tnt_0379257800000000")]
    tenant: TenantId,
    entries: Vec<Entry>,
    /// Where the next page begins; null where there is none. A page may be
    /// short, or empty, and have a next one.
    #[schema(value_type = Option<String>)]
    next: Option<TopUpId>,
}

/// A movement of money. What its legs add and take sums to 0.
#[derive(Serialize, ToSchema)]
pub(in crate::admin) struct Entry {
    kind: EntryKind,
    /// The call's, `inf_…`, or the top-up's, `top_…`.
    #[schema(example = "inf_03792578ec401000")]
    id: String,
    /// Whose call it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    agent: Option<AgentId>,
    /// Microseconds since the Unix epoch.
    at_us: i64,
    legs: Vec<Leg>,
}

/// Why money moved.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::admin) enum EntryKind {
    /// A tenant paid in, or was paid back.
    TopUp,
    /// A call opened.
    Hold,
    /// It ended: charged, and the rest released.
    Settlement,
}

/// What an entry does to one account.
#[derive(Serialize, ToSchema)]
pub(in crate::admin) struct Leg {
    account: LedgerAccount,
    /// US dollars; below 0 it takes.
    amount_usd: String,
}

/// Where money can be.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::admin) enum LedgerAccount {
    /// Outside.
    PaidIn,
    /// What the tenant may spend.
    Available,
    /// What is held for its calls that run.
    Held,
    /// What it was charged.
    Charged,
}

impl Entry {
    fn new(
        kind: EntryKind,
        id: String,
        agent: Option<AgentId>,
        at_us: i64,
        legs: &[(LedgerAccount, i64)],
    ) -> Self {
        let leg = |(account, nanousd): &(LedgerAccount, i64)| Leg {
            account: *account,
            amount_usd: money::usd(*nanousd),
        };
        Self {
            kind,
            id,
            agent,
            at_us,
            legs: legs.iter().map(leg).collect(),
        }
    }

    fn of_top_up(top_up: &TopUp) -> Self {
        let amount = top_up.amount_nanousd;
        let legs = [
            (LedgerAccount::PaidIn, -amount),
            (LedgerAccount::Available, amount),
        ];
        let id = top_up.id.to_string();
        Self::new(EntryKind::TopUp, id, None, top_up.at_us, &legs)
    }

    /// The hold and, where the call has ended, its settlement.
    fn of_call(call: &CallMoney) -> impl Iterator<Item = Self> {
        let (id, held) = (call.key.inference_id(), call.hold_nanousd);
        let legs = [
            (LedgerAccount::Available, -held),
            (LedgerAccount::Held, held),
        ];
        let agent = Some(call.agent);
        let hold = Self::new(EntryKind::Hold, id.clone(), agent, call.opened_us, &legs);
        let charged = call.charged_nanousd.unwrap_or(0);
        let settlement = call.closed_us.map(|at_us| {
            let legs = [
                (LedgerAccount::Held, -held),
                (LedgerAccount::Charged, charged),
                (LedgerAccount::Available, held.saturating_sub(charged)),
            ];
            Self::new(EntryKind::Settlement, id, agent, at_us, &legs)
        });
        std::iter::once(hold).chain(settlement)
    }
}

/// A page of a tenant's journal.
#[utoipa::path(
    get,
    path = "/admin/v1/tenants/{id}/ledger",
    tag = "Money",
    params(("id" = String, Path, description = "The tenant's id, `tnt_…`."), Page),
    responses(
        (status = 200, description = "The entries.", body = Entries),
        (status = 400, description = "`invalid_request`: there is no such page.", body = ErrorBody),
        (status = 404, description = "`not_found`: there is no such tenant.", body = ErrorBody)
    )
)]
pub(in crate::admin) async fn list_entries(
    State(state): State<AdminState>,
    Path(id): Path,
    Params(page): Params<Page>,
) -> Result<impl IntoResponse, ApiError> {
    let tenant = tenancy::get_tenant(&state.store, body::id(&id)?).await?.id;
    let limit = body::limit(page.limit) as usize;
    let after = page.after.map_or(Key(-1), |after| after.0);
    let mut tx = state.store.snapshot().await?;
    let span = ledger::span(&mut tx, after).await?;
    let range = (after, span.unwrap_or(Key(i64::MAX)));
    // One more of each, to see whether there is a next page.
    let most = i64::from(body::limit(page.limit)) + 1;
    let calls = ledger::calls(&mut tx, tenant, range, most).await?;
    let top_ups = ledger::top_ups(&mut tx, tenant, range, most).await?;
    let mut moves: Vec<(Key, Vec<Entry>)> = calls
        .iter()
        .map(|call| (call.key, Entry::of_call(call).collect()))
        .chain(
            top_ups
                .iter()
                .map(|top_up| (top_up.id.0, vec![Entry::of_top_up(top_up)])),
        )
        .collect();
    moves.sort_by_key(|(key, _)| *key);
    let more = moves.len() > limit;
    moves.truncate(limit);
    let next = match moves.last() {
        Some((last, _)) if more => Some(*last),
        _ => span,
    };
    Ok(Json(Entries {
        tenant,
        entries: moves.into_iter().flat_map(|(_, entries)| entries).collect(),
        next: next.map(TopUpId),
    }))
}
