//! `policy/generations`: what decided before.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Params;
use super::error::{ApiError, ErrorBody};
use super::{AdminState, body};
use crate::policy::set::Digests;
use crate::store::ChangeId;
use crate::store::generations::{self, GenerationKind};

/// An activation of a policy set.
#[derive(Serialize, ToSchema)]
pub(super) struct Activation {
    /// 1 for the first.
    generation: i64,
    digests: Digests,
    kind: GenerationKind,
    /// Microseconds since the Unix epoch.
    activated_us: i64,
    /// Who did it.
    actor: String,
    /// The change that it carried out.
    #[schema(value_type = Option<String>, example = "chg_0379257800000003")]
    change: Option<ChangeId>,
    /// The generation that it replaced.
    base: Option<i64>,
}

impl From<generations::Generation> for Activation {
    fn from(row: generations::Generation) -> Self {
        let generations::Digests {
            alias_resolver,
            preference_dial,
            floor_clamp,
        } = row.digests;
        Self {
            generation: row.generation,
            digests: Digests {
                alias_resolver,
                preference_dial,
                floor_clamp,
            },
            kind: row.kind,
            activated_us: row.activated_us,
            actor: row.actor,
            change: row.change_id,
            base: row.base,
        }
    }
}

/// Activations, the latest first.
#[derive(Serialize, ToSchema)]
pub(super) struct Generations {
    generations: Vec<Activation>,
}

/// A page: the latest ones, or those before `before`.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Page {
    /// 1 to 1,000; else 50.
    limit: Option<u32>,
    /// The number of a generation.
    before: Option<i64>,
}

/// A page of generations.
#[utoipa::path(
    get,
    path = "/admin/v1/policy/generations",
    tag = "Policy",
    params(Page),
    responses(
        (status = 200, description = "The generations.", body = Generations),
        (status = 400, description = "`invalid_request`: there is no such page.", body = ErrorBody)
    )
)]
pub(super) async fn list_generations(
    State(state): State<AdminState>,
    Params(page): Params<Page>,
) -> Result<impl IntoResponse, ApiError> {
    let rows = generations::page(&state.store, page.before, body::limit(page.limit)).await?;
    Ok(Json(Generations {
        generations: rows.into_iter().map(Activation::from).collect(),
    }))
}
