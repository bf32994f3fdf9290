//! `plugins`: components, uploaded and verified.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::auth::Caller;
use super::body::Path;
use super::error::{ApiError, ErrorBody};
use super::prefer::Prefer;
use super::work::{self, Work};
use super::{AdminState, body};
use crate::lifecycle::{Rejected, verify};
use crate::store::Digest;
use crate::store::components::{self, Component, ComponentState};

/// A WebAssembly component: at most 1 MiB, or 32 MiB where it brings an interpreter.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "read by its derive alone")]
pub(super) struct Wasm(Vec<u8>);

/// A component.
#[derive(Serialize, ToSchema)]
pub(super) struct Plugin {
    digest: Digest,
    /// The slot that it fills, once known.
    #[schema(example = "preference-dial")]
    slot: Option<String>,
    state: ComponentState,
    /// Bytes.
    size: i64,
    /// Microseconds since the Unix epoch.
    uploaded_us: i64,
    /// Who uploaded it.
    actor: String,
    /// What the verification found.
    #[schema(value_type = Option<Found>)]
    report: Option<Box<RawValue>>,
}

/// What a verification found: of a good component, or of one that may not be
/// used.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "read by its derive alone")]
enum Found {
    Verified(verify::Report),
    Rejected(Rejected),
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

/// Every component, the latest first.
#[derive(Serialize, ToSchema)]
pub(super) struct Plugins {
    plugins: Vec<Plugin>,
}

/// Uploads a component: it is kept, and verified before the answer. Where that
/// takes longer than the caller waits, it goes on.
#[utoipa::path(
    post,
    path = "/admin/v1/plugins",
    tag = "Policy",
    request_body(content = Wasm, content_type = "application/wasm", description = "The bytes of the component; any `content-type` is taken."),
    params(("prefer" = Option<String>, Header, description = "`wait=N`: wait up to N seconds, at most 120, for the answer; 10 where it is left out.")),
    responses(
        (status = 200, description = "It was verified before.", body = Plugin),
        (status = 201, description = "It is verified now. Audited as `plugin.uploaded` and `plugin.verified`.", body = Plugin),
        (status = 202, description = "It is being verified; its `location` tells the answer, and the component's state tells it too.", body = Work),
        (status = 400, description = "`invalid_request`: the body broke off.", body = ErrorBody),
        (status = 413, description = "`too_large`: it is over the limit of interpreted components, or of lean ones, 1 MiB, where those are not taken.", body = ErrorBody),
        (status = 422, description = "`rejected`: it breaks a law; the error's reasons are all of them, each with the input that shows it. Audited as `plugin.uploaded` and `plugin.rejected`.", body = ErrorBody),
        (status = 503, description = "`busy`: too many wait to be verified; try again. `database_unavailable`: it is not verified; try again.", body = ErrorBody)
    )
)]
pub(super) async fn upload_plugin(
    State(state): State<AdminState>,
    prefer: Prefer,
    caller: Caller,
    body: Body,
) -> Result<Response, ApiError> {
    let advice = "build it in release mode with `ainfera plugin build`, which strips it";
    let most = state.lifecycle.engine().guests().most_bytes();
    let bytes = body::bytes(body, most, advice).await?;
    let (lifecycle, actor) = (Arc::clone(&state.lifecycle), caller.to_string());
    let verified = async move {
        let upload = lifecycle.upload(bytes, &actor).await?;
        let status = if upload.known {
            StatusCode::OK
        } else {
            StatusCode::CREATED
        };
        Ok((status, Json(Plugin::from(upload.component))).into_response())
    };
    work::answer(&state, prefer, &caller.to_string(), verified).await
}

/// Every component, rejected ones too.
#[utoipa::path(
    get,
    path = "/admin/v1/plugins",
    tag = "Policy",
    responses((status = 200, description = "Every component.", body = Plugins))
)]
pub(super) async fn list_plugins(
    State(state): State<AdminState>,
) -> Result<impl IntoResponse, ApiError> {
    let plugins = components::list(&state.store)
        .await?
        .into_iter()
        .map(Plugin::from)
        .collect();
    Ok(Json(Plugins { plugins }))
}

/// One component.
#[utoipa::path(
    get,
    path = "/admin/v1/plugins/{digest}",
    tag = "Policy",
    params(("digest" = Digest, Path, description = "SHA-256 of its bytes.")),
    responses(
        (status = 200, description = "The component.", body = Plugin),
        (status = 404, description = "`not_found`: there is none of this digest.", body = ErrorBody)
    )
)]
pub(super) async fn get_plugin(
    State(state): State<AdminState>,
    Path(digest): Path,
) -> Result<impl IntoResponse, ApiError> {
    let digest: Digest = body::id(&digest)?;
    let component = components::get(&state.store, digest).await?;
    component
        .map(|component| Json(Plugin::from(component)))
        .ok_or_else(|| ApiError::not_found("there is no such component; upload it"))
}
