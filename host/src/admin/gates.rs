//! `gates`: booleans outside of plugins.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};

use super::error::ApiError;
use super::{ACTOR, AdminState, body};
use crate::lifecycle::ROUTING_PREFERENCE_LIVE;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    open: bool,
}

/// A gate, as this API shows it.
#[derive(Serialize)]
struct Gate {
    name: &'static str,
    open: bool,
    /// Whether the operator keeps it closed, whatever is asked here.
    held: bool,
}

#[derive(Serialize)]
struct List {
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

/// `GET gates`.
pub(super) async fn list(State(state): State<AdminState>) -> impl IntoResponse {
    Json(List {
        gates: [preference(&state)],
    })
}

/// `PUT gates/{name}`: the gate as it is then.
pub(super) async fn set(
    State(state): State<AdminState>,
    Path(name): Path<String>,
    body: Body,
) -> Result<impl IntoResponse, ApiError> {
    let (wish, _) = body::json::<Wish>(body).await?;
    state.lifecycle.set_gate(&name, wish.open, ACTOR).await?;
    Ok(Json(preference(&state)))
}
