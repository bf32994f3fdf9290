//! A key in place of another.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::IntoResponse;
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::shape::NewKey;
use super::{UNCACHED, event, fresh};
use crate::admin::auth::Caller;
use crate::admin::body::Path;
use crate::admin::error::{ApiError, ErrorBody};
use crate::admin::{AdminState, act, body};
use crate::bootstrap;
use crate::lifecycle::Internal;
use crate::record::audit::EventName;
use crate::store::keys::{self, ApiKey};
use crate::store::{ApiKeyId, now_us, tenancy};

/// The longest that an old key may go on beside its successor: 90 days.
const LONGEST_OVERLAP: u32 = 90 * 24 * 60 * 60;

/// How a key is replaced.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::admin) struct Rotation {
    /// For how many seconds the old key goes on, at most 90 days; until it is
    /// revoked where nothing is given.
    #[schema(maximum = 7_776_000)]
    overlap_seconds: Option<u32>,
}

/// Replaces a key by a new one of the same agent and rate.
#[utoipa::path(
    post,
    path = "/admin/v1/keys/{id}/rotate",
    tag = "Tenancy",
    params(("id" = String, Path, description = "The key's id, `key_…`.")),
    request_body = Option<Rotation>,
    responses(
        (status = 201, description = "The new key, shown this once, and the old one. Audited as `key.rotated`.", body = NewKey),
        (status = 400, description = "`invalid_request`: a field does not fit; the message names it.", body = ErrorBody),
        (status = 404, description = "`not_found`: there is no such key.", body = ErrorBody),
        (status = 409, description = "`key_ended`: it is revoked or its time is over.", body = ErrorBody)
    )
)]
pub(in crate::admin) async fn rotate_key(
    State(state): State<AdminState>,
    caller: Caller,
    Path(id): Path,
    body: Body,
) -> Result<impl IntoResponse, ApiError> {
    let id: ApiKeyId = body::id(&id)?;
    let overlap = body::json_if_any::<Rotation>(body).await?.overlap_seconds;
    if overlap.is_some_and(|seconds| seconds > LONGEST_OVERLAP) {
        return Err(ApiError::bad_request(format!(
            "`overlap_seconds` is at most {LONGEST_OVERLAP}; without it the old key goes on until it is revoked"
        )));
    }
    let secret = bootstrap::api_key().map_err(Internal::from)?;
    let (key, replaced) = {
        let secret = secret.clone();
        act::detached(async move { replace(&state, &caller, id, &secret, overlap).await }).await?
    };
    let made = NewKey {
        key: key.into(),
        secret,
        replaced: Some(replaced.into()),
    };
    Ok((StatusCode::CREATED, UNCACHED, Json(made)))
}

/// The new key and the old one.
async fn replace(
    state: &AdminState,
    caller: &Caller,
    id: ApiKeyId,
    secret: &str,
    overlap: Option<u32>,
) -> Result<(ApiKey, ApiKey), ApiError> {
    let mut tx = state.store.begin().await?;
    let now = now_us();
    let old = keys::get(&mut tx, id).await?;
    if old.revoked_us.is_some() || old.expires_us.is_some_and(|end| end <= now) {
        return Err(ApiError::new(
            StatusCode::CONFLICT,
            "key_ended",
            "this key opens nothing any more; make a new one with `POST /admin/v1/agents/{id}/keys`",
        ));
    }
    let key = ApiKey {
        requests_per_minute: old.requests_per_minute,
        burst: old.burst,
        ..fresh(old.agent, secret)?
    };
    keys::insert(&mut tx, &key).await?;
    let old = match overlap {
        None => old,
        Some(seconds) => keys::expire(&mut tx, id, now + i64::from(seconds) * 1_000_000).await?,
    };
    let owner = tenancy::agent_in(&mut tx, old.agent).await?;
    let data = json!({"expires_us": old.expires_us, "key": key.id, "prefix": key.prefix, "replaced": old.id});
    let event = event(EventName::KeyRotated, &owner, data);
    act::commit(state, caller, tx, event).await?;
    Ok((key, old))
}
