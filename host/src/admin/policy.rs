//! `policy`: what decides, and the way back.

use std::collections::BTreeMap;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::auth::Caller;
use super::error::{ApiError, ErrorBody};
use super::{AdminState, body};
use crate::lifecycle::{Activated, ROUTING_PREFERENCE_LIVE};
use crate::policy::levers::Declared;
use crate::policy::set::Digests;
use crate::policy::settings::FINGERPRINT;
use crate::policy::{Generation, Slot};
use crate::store::Digest;

/// What decides calls now.
#[derive(Serialize, ToSchema)]
pub(super) struct Policy<'a> {
    /// The active generation.
    generation: i64,
    digests: Digests,
    /// What fills each slot, and its levers.
    components: BTreeMap<Slot, ActiveComponent<'a>>,
    /// The routing targets.
    #[schema(example = json!(["ainfera-inference"]))]
    targets: Vec<&'a str>,
    /// Each gate, and whether it is open.
    #[schema(example = json!({"routing_preference_live": false}))]
    gates: BTreeMap<&'static str, bool>,
    /// The faults of the active set since it was activated or the gateway started.
    faults: u64,
    /// What decides where the active set faults.
    last_good: Option<LastGood>,
    /// The engine.
    fingerprint: &'static str,
}

/// What fills a slot.
#[derive(Serialize, ToSchema)]
pub(super) struct ActiveComponent<'a> {
    digest: Digest,
    #[serde(flatten)]
    declared: &'a Declared,
}

/// An earlier generation.
#[derive(Serialize, ToSchema)]
pub(super) struct LastGood {
    generation: i64,
    digests: Digests,
}

impl From<&Generation> for LastGood {
    fn from(generation: &Generation) -> Self {
        Self {
            generation: generation.number,
            digests: generation.set.digests(),
        }
    }
}

/// Where to roll back to, and from where.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Rollback {
    /// Else the set that the active one replaced.
    #[schema(example = 1)]
    to_generation: Option<i64>,
    /// The generation that the caller takes for the active one.
    #[schema(example = 2)]
    expected_generation: i64,
}

/// What decides calls now, with its levers and gates.
#[utoipa::path(
    get,
    path = "/admin/v1/policy",
    tag = "Policy",
    responses((status = 200, description = "The active policy.", body = Policy<'static>))
)]
pub(super) async fn get_policy(State(state): State<AdminState>) -> impl IntoResponse {
    let snapshot = state.lifecycle.active().load();
    let set = &snapshot.active.set;
    let digests = set.digests();
    let component = |slot| {
        (
            slot,
            ActiveComponent {
                digest: digests.get(slot),
                declared: set.declared(slot),
            },
        )
    };
    let policy = Policy {
        generation: snapshot.active.number,
        digests,
        components: Slot::ALL.into_iter().map(component).collect(),
        targets: set.targets().collect(),
        gates: BTreeMap::from([(
            ROUTING_PREFERENCE_LIVE,
            snapshot.gates.routing_preference_live,
        )]),
        faults: snapshot.active.faults.total(),
        last_good: snapshot.last_good.as_deref().map(LastGood::from),
        fingerprint: FINGERPRINT,
    };
    Json(policy).into_response()
}

/// Activates the set of an earlier generation again. The next call is decided
/// by it.
#[utoipa::path(
    post,
    path = "/admin/v1/policy/rollback",
    tag = "Policy",
    request_body = Rollback,
    responses(
        (status = 200, description = "The new generation. Audited as `policy.rolled_back`.", body = Activated),
        (status = 400, description = "`invalid_request`: a field does not fit; the message names it.", body = ErrorBody),
        (status = 404, description = "`unknown_generation`: there is none of this number.", body = ErrorBody),
        (status = 409, description = "`stale`: another generation is active than the caller thinks.", body = ErrorBody),
        (status = 422, description = "`nothing_before`: nothing was active before this set. `unchanged`: that set is active. `unusable`: its components cannot be used any more. `revoked_set`: it may not become active again. `catalog_name`: it routes a name that the catalog has got since.", body = ErrorBody)
    )
)]
pub(super) async fn rollback(
    State(state): State<AdminState>,
    caller: Caller,
    body: Body,
) -> Result<impl IntoResponse, ApiError> {
    let (wish, _) = body::json::<Rollback>(body).await?;
    let (to, expected) = (wish.to_generation, wish.expected_generation);
    let activated = state
        .lifecycle
        .rollback(to, expected, &caller.to_string())
        .await?;
    Ok(Json(activated))
}
