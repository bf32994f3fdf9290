//! `gates`: booleans outside of plugins.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::auth::{Caller, OPENS_GATES, needs};
use super::body::Path;
use super::error::{ApiError, ErrorBody};
use super::{AdminState, body};
use crate::lifecycle::ROUTING_PREFERENCE_LIVE;

/// How a gate is to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GateWish {
    open: bool,
}

/// A gate.
#[derive(Serialize, ToSchema)]
pub(super) struct Gate {
    #[schema(example = "routing_preference_live")]
    name: &'static str,
    open: bool,
    /// Whether the operator keeps it closed, whatever is asked here.
    held: bool,
}

/// Every gate.
#[derive(Serialize, ToSchema)]
pub(super) struct Gates {
    #[schema(value_type = Vec<Gate>)]
    gates: [Gate; 1],
}

fn preference(state: &AdminState) -> Gate {
    let open = state
        .lifecycle
        .active()
        .load()
        .gates
        .routing_preference_live;
    Gate {
        name: ROUTING_PREFERENCE_LIVE,
        open,
        held: state.lifecycle.gate_held(),
    }
}

/// Every gate.
#[utoipa::path(
    get,
    path = "/admin/v1/gates",
    tag = "Policy",
    responses((status = 200, description = "Every gate.", body = Gates))
)]
pub(super) async fn list_gates(State(state): State<AdminState>) -> impl IntoResponse {
    Json(Gates {
        gates: [preference(&state)],
    })
}

/// Opens or closes a gate, for the next call already. To open it takes a
/// founder's token.
#[utoipa::path(
    put,
    path = "/admin/v1/gates/{name}",
    tag = "Policy",
    params(("name" = String, Path, description = "The gate's name.", example = "routing_preference_live")),
    request_body = GateWish,
    responses(
        (status = 200, description = "The gate as it is then. Audited as `gate.changed`, if it was otherwise.", body = Gate),
        (status = 400, description = "`invalid_request`: a field does not fit; the message names it.", body = ErrorBody),
        (status = 404, description = "`not_found`: there is no such gate.", body = ErrorBody),
        (status = 409, description = "`gate_held`: the operator keeps it closed.", body = ErrorBody)
    )
)]
pub(super) async fn set_gate(
    State(state): State<AdminState>,
    caller: Caller,
    Path(name): Path,
    body: Body,
) -> Result<impl IntoResponse, ApiError> {
    let (wish, _) = body::json::<GateWish>(body).await?;
    if wish.open {
        needs(&caller, OPENS_GATES)?;
    }
    let actor = caller.to_string();
    state.lifecycle.set_gate(&name, wish.open, &actor).await?;
    Ok(Json(preference(&state)))
}
