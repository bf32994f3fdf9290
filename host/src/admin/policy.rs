//! `policy`: what decides, what decided before, and the way back.

use std::collections::BTreeMap;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};

use super::body::Params;
use super::error::ApiError;
use super::{ACTOR, AdminState, body};
use crate::lifecycle::ROUTING_PREFERENCE_LIVE;
use crate::policy::engine::FINGERPRINT;
use crate::policy::levers::Declared;
use crate::policy::set::Digests;
use crate::policy::{Generation, Slot};
use crate::store::generations::{self, GenerationKind};
use crate::store::{ChangeId, Digest};

#[derive(Serialize)]
struct Policy<'a> {
    generation: i64,
    digests: Digests,
    components: BTreeMap<Slot, Component<'a>>,
    targets: Vec<&'a str>,
    gates: BTreeMap<&'static str, bool>,
    faults: u64,
    last_good: Option<Summary>,
    fingerprint: &'static str,
}

#[derive(Serialize)]
struct Component<'a> {
    digest: Digest,
    #[serde(flatten)]
    declared: &'a Declared,
}

#[derive(Serialize)]
struct Summary {
    generation: i64,
    digests: Digests,
}

impl From<&Generation> for Summary {
    fn from(generation: &Generation) -> Self {
        Self {
            generation: generation.number,
            digests: generation.set.digests(),
        }
    }
}

/// An activation, as this API shows it.
#[derive(Serialize)]
struct Activation {
    generation: i64,
    digests: Digests,
    kind: GenerationKind,
    activated_us: i64,
    actor: String,
    change: Option<ChangeId>,
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

#[derive(Serialize)]
struct List {
    generations: Vec<Activation>,
}

/// A page: the latest ones, or those before `before`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Page {
    limit: Option<u32>,
    before: Option<i64>,
}

/// Where to roll back to, and from where.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rollback {
    /// None: the set that the active one replaced.
    to_generation: Option<i64>,
    /// The generation that the caller takes for the active one.
    expected_generation: i64,
}

/// `GET policy`.
pub(super) async fn active(State(state): State<AdminState>) -> impl IntoResponse {
    let snapshot = state.lifecycle.active().load();
    let set = &snapshot.active.set;
    let digests = set.digests();
    let component = |slot| {
        (
            slot,
            Component {
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
        last_good: snapshot.last_good.as_deref().map(Summary::from),
        fingerprint: FINGERPRINT,
    };
    Json(policy).into_response()
}

/// `GET policy/generations`.
pub(super) async fn generations(
    State(state): State<AdminState>,
    Params(page): Params<Page>,
) -> Result<impl IntoResponse, ApiError> {
    let rows = generations::page(&state.store, page.before, body::limit(page.limit)).await?;
    Ok(Json(List {
        generations: rows.into_iter().map(Activation::from).collect(),
    }))
}

/// `POST policy/rollback`: 200 with the new generation, 409 if another one is
/// active than the caller thinks.
pub(super) async fn rollback(
    State(state): State<AdminState>,
    body: Body,
) -> Result<impl IntoResponse, ApiError> {
    let (
        Rollback {
            to_generation,
            expected_generation,
        },
        _,
    ) = body::json(body).await?;
    Ok(Json(
        state
            .lifecycle
            .rollback(to_generation, expected_generation, ACTOR)
            .await?,
    ))
}
