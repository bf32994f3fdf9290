//! `policy/generations`: what decided before.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::auth::Caller;
use super::body::{Params, Path};
use super::error::{ApiError, ErrorBody};
use super::{AdminState, body};
use crate::lifecycle::RevokeError;
use crate::policy::set::Digests;
use crate::store::ChangeId;
use crate::store::generations::{self, GenerationKind};
use crate::store::revocations::{self, Revocation};

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
    /// Whether its set may not become active again.
    revoked: bool,
}

impl Activation {
    fn of(row: generations::Generation, revoked: &[Revocation]) -> Self {
        let revoked = revoked.iter().any(|set| set.digests == row.digests);
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
            revoked,
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
    let revoked = revocations::list(&state.store).await?;
    let rows = rows.into_iter();
    Ok(Json(Generations {
        generations: rows.map(|row| Activation::of(row, &revoked)).collect(),
    }))
}

/// Revokes the set of a generation: it does not become active again, by roll back
/// or by change, by hand or by the host, under this number or another.
#[utoipa::path(
    post,
    path = "/admin/v1/policy/generations/{generation}/revocation",
    tag = "Policy",
    params(("generation" = i64, Path, description = "The number of the generation.")),
    responses(
        (status = 200, description = "The generation, revoked now or before. Audited as `generation.revoked`.", body = Activation),
        (status = 404, description = "`unknown_generation`: there is none of this number. `not_found`: it is no number.", body = ErrorBody),
        (status = 409, description = "`active`: its set decides; roll back first.", body = ErrorBody)
    )
)]
pub(super) async fn revoke_generation(
    State(state): State<AdminState>,
    caller: Caller,
    Path(number): Path,
) -> Result<impl IntoResponse, ApiError> {
    let number: i64 = body::id(&number)?;
    let life = &state.lifecycle;
    life.revoke_generation(number, &caller.to_string()).await?;
    Ok(Json(one(&state, number).await?))
}

/// Lifts the revocation of the set of a generation. That takes a founder's token.
#[utoipa::path(
    delete,
    path = "/admin/v1/policy/generations/{generation}/revocation",
    tag = "Policy",
    params(("generation" = i64, Path, description = "The number of the generation.")),
    responses(
        (status = 200, description = "The generation, which may become active again. Audited as `generation.restored`, if it was revoked.", body = Activation),
        (status = 404, description = "`unknown_generation`: there is none of this number. `not_found`: it is no number.", body = ErrorBody)
    )
)]
pub(super) async fn restore_generation(
    State(state): State<AdminState>,
    caller: Caller,
    Path(number): Path,
) -> Result<impl IntoResponse, ApiError> {
    let number: i64 = body::id(&number)?;
    let life = &state.lifecycle;
    life.restore_generation(number, &caller.to_string()).await?;
    Ok(Json(one(&state, number).await?))
}

async fn one(state: &AdminState, number: i64) -> Result<Activation, ApiError> {
    let row = generations::get(&state.store, number).await?;
    let row = row.ok_or(RevokeError::Unknown(number))?;
    let revoked = revocations::list(&state.store).await?;
    Ok(Activation::of(row, &revoked))
}
