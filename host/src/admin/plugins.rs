//! `plugins`: components, uploaded and verified.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;
use serde_json::value::RawValue;

use super::error::ApiError;
use super::{ACTOR, AdminState, body};
use crate::policy::MAX_BYTES;
use crate::store::Digest;
use crate::store::components::{self, Component, ComponentState};

/// A component, as this API shows it.
#[derive(Serialize)]
struct Plugin {
    digest: Digest,
    slot: Option<String>,
    state: ComponentState,
    size: i64,
    uploaded_us: i64,
    actor: String,
    report: Option<Box<RawValue>>,
}

impl From<Component> for Plugin {
    fn from(component: Component) -> Self {
        Self {
            digest: component.digest,
            slot: component.slot,
            state: component.state,
            size: component.length,
            uploaded_us: component.uploaded_us,
            actor: component.actor,
            report: component
                .report
                .and_then(|report| RawValue::from_string(report).ok()),
        }
    }
}

#[derive(Serialize)]
struct List {
    plugins: Vec<Plugin>,
}

/// `POST plugins`: the bytes of a component. 201, or 200 if it was known, or
/// 422 with every reason.
pub(super) async fn upload(
    State(state): State<AdminState>,
    body: Body,
) -> Result<Response, ApiError> {
    let advice = "build it in release mode with `ainfera plugin build`, which strips it";
    let bytes = body::bytes(body, MAX_BYTES, advice).await?;
    let upload = state.lifecycle.upload(bytes, ACTOR).await?;
    let status = if upload.known {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    };
    Ok((status, Json(Plugin::from(upload.component))).into_response())
}

/// `GET plugins`.
pub(super) async fn list(State(state): State<AdminState>) -> Result<impl IntoResponse, ApiError> {
    let plugins = components::list(&state.store)
        .await?
        .into_iter()
        .map(Plugin::from)
        .collect();
    Ok(Json(List { plugins }))
}

/// `GET plugins/{digest}`.
pub(super) async fn one(
    State(state): State<AdminState>,
    Path(digest): Path<String>,
) -> Result<impl IntoResponse, ApiError> {
    let digest: Digest = body::id(&digest)?;
    let component = components::get(&state.store, digest).await?;
    component
        .map(|component| Json(Plugin::from(component)))
        .ok_or_else(|| ApiError::not_found("there is no such component; upload it"))
}
