//! `keys`: what agents call with. A key is shown once, when it is made; only
//! its hash is kept.

mod rotate;
mod shape;

use std::num::NonZeroU32;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::IntoResponse;
use http::header::CACHE_CONTROL;
use http::{HeaderName, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::auth::Caller;
use super::body::Path;
use super::error::{ApiError, ErrorBody};
use super::{AdminState, act, body};
use crate::bootstrap;
use crate::gateway::rate::MOST;
use crate::lifecycle::Internal;
use crate::record::audit::{Event, EventName};
use crate::store::keys::{self, ApiKey};
use crate::store::{AgentId, ApiKeyId, Digest, now_us, tenancy};
use shape::{Key, Keys, NewKey};

pub(super) use rotate::*;

/// How often a key may call; as the configuration says where nothing is given.
#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyRate {
    /// How fast its bucket fills.
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 1_000_000)]
    requests_per_minute: Option<NonZeroU32>,
    /// How many requests it holds; else a minute's.
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 1_000_000)]
    burst: Option<NonZeroU32>,
}

/// A secret is for nobody's cache.
const UNCACHED: [(HeaderName, &str); 1] = [(CACHE_CONTROL, "no-store")];

/// Makes a key for an agent.
#[utoipa::path(
    post,
    path = "/admin/v1/agents/{id}/keys",
    tag = "Tenancy",
    params(("id" = String, Path, description = "The agent's id, `agt_…`.")),
    request_body = Option<KeyRate>,
    responses(
        (status = 201, description = "The key, shown this once. Audited as `key.created`.", body = NewKey),
        (status = 400, description = "`invalid_request`: a field does not fit; the message names it.", body = ErrorBody),
        (status = 404, description = "`not_found`: there is no such agent.", body = ErrorBody)
    )
)]
pub(super) async fn create_key(
    State(state): State<AdminState>,
    caller: Caller,
    Path(id): Path,
    body: Body,
) -> Result<impl IntoResponse, ApiError> {
    let agent: AgentId = body::id(&id)?;
    let rate = checked(body::json_if_any::<KeyRate>(body).await?)?;
    let secret = bootstrap::api_key().map_err(Internal::from)?;
    let key = ApiKey {
        requests_per_minute: rate.requests_per_minute.map(NonZeroU32::get),
        burst: rate.burst.map(NonZeroU32::get),
        ..fresh(agent, &secret)?
    };
    let key = act::detached(async move {
        let mut tx = state.store.begin().await?;
        let owner = tenancy::agent_in(&mut tx, agent).await?;
        keys::insert(&mut tx, &key).await?;
        let event = event(EventName::KeyCreated, &owner, about(&key));
        act::commit(&state, &caller, tx, event).await?;
        Ok(key)
    })
    .await?;
    let made = NewKey {
        key: key.into(),
        secret,
        replaced: None,
    };
    Ok((StatusCode::CREATED, UNCACHED, Json(made)))
}

/// The keys of an agent, revoked ones too.
#[utoipa::path(
    get,
    path = "/admin/v1/agents/{id}/keys",
    tag = "Tenancy",
    params(("id" = String, Path, description = "The agent's id, `agt_…`.")),
    responses(
        (status = 200, description = "The keys, without their texts.", body = Keys),
        (status = 404, description = "`not_found`: there is no such agent.", body = ErrorBody)
    )
)]
pub(super) async fn list_keys(
    State(state): State<AdminState>,
    Path(id): Path,
) -> Result<impl IntoResponse, ApiError> {
    let agent = tenancy::get_agent(&state.store, body::id(&id)?).await?;
    let keys = keys::of_agent(&state.store, agent.id).await?;
    Ok(Json(Keys {
        keys: keys.into_iter().map(Key::from).collect(),
    }))
}

/// Changes how often a key may call, for the next call already.
#[utoipa::path(
    patch,
    path = "/admin/v1/keys/{id}",
    tag = "Tenancy",
    params(("id" = String, Path, description = "The key's id, `key_…`.")),
    request_body = KeyRate,
    responses(
        (status = 200, description = "The key as it is then; without a rate, that of the configuration holds. Audited as `key.changed`.", body = Key),
        (status = 400, description = "`invalid_request`: a field does not fit; the message names it.", body = ErrorBody),
        (status = 404, description = "`not_found`: there is no such key.", body = ErrorBody)
    )
)]
pub(super) async fn change_key(
    State(state): State<AdminState>,
    caller: Caller,
    Path(id): Path,
    body: Body,
) -> Result<impl IntoResponse, ApiError> {
    let id: ApiKeyId = body::id(&id)?;
    let rate = checked(body::json::<KeyRate>(body).await?.0)?;
    let key = act::detached(async move {
        let mut tx = state.store.begin().await?;
        let per_minute = rate.requests_per_minute.map(NonZeroU32::get);
        let key = keys::limit(&mut tx, id, per_minute, rate.burst.map(NonZeroU32::get)).await?;
        let owner = tenancy::agent_in(&mut tx, key.agent).await?;
        let event = event(EventName::KeyChanged, &owner, about(&key));
        act::commit(&state, &caller, tx, event).await?;
        Ok(key)
    })
    .await?;
    Ok(Json(Key::from(key)))
}

/// Revokes a key: the next call with it is refused.
#[utoipa::path(
    delete,
    path = "/admin/v1/keys/{id}",
    tag = "Tenancy",
    params(("id" = String, Path, description = "The key's id, `key_…`.")),
    responses(
        (status = 200, description = "The key, revoked now or before. Audited as `key.revoked`.", body = Key),
        (status = 404, description = "`not_found`: there is no such key.", body = ErrorBody)
    )
)]
pub(super) async fn revoke_key(
    State(state): State<AdminState>,
    caller: Caller,
    Path(id): Path,
) -> Result<impl IntoResponse, ApiError> {
    let id: ApiKeyId = body::id(&id)?;
    let key = act::detached(async move {
        let mut tx = state.store.begin().await?;
        let before = keys::get(&mut tx, id).await?;
        if before.revoked_us.is_some() {
            drop(tx);
            // Whoever asks again may have missed that the gateway knows it.
            state.callers.reload(&state.store).await?;
            return Ok(before);
        }
        let key = keys::revoke(&mut tx, id, now_us()).await?;
        let owner = tenancy::agent_in(&mut tx, key.agent).await?;
        let event = event(EventName::KeyRevoked, &owner, about(&key));
        act::commit(&state, &caller, tx, event).await?;
        Ok(key)
    })
    .await?;
    Ok(Json(Key::from(key)))
}

fn fresh(agent: AgentId, secret: &str) -> Result<ApiKey, ApiError> {
    Ok(ApiKey {
        id: ApiKeyId::random().map_err(Internal::from)?,
        agent,
        hash: Digest::of(secret.as_bytes()),
        prefix: Some(bootstrap::prefix(secret)),
        created_us: now_us(),
        revoked_us: None,
        expires_us: None,
        requests_per_minute: None,
        burst: None,
    })
}

fn checked(rate: KeyRate) -> Result<KeyRate, ApiError> {
    let numbers = [rate.requests_per_minute, rate.burst];
    if numbers.into_iter().flatten().any(|number| number > MOST) {
        return Err(ApiError::bad_request(format!(
            "`requests_per_minute` and `burst` are at most {MOST}"
        )));
    }
    if rate.burst.is_some() && rate.requests_per_minute.is_none() {
        return Err(ApiError::bad_request(
            "`burst` needs `requests_per_minute` beside it",
        ));
    }
    Ok(rate)
}

fn about(key: &ApiKey) -> Value {
    json!({"burst": key.burst, "key": key.id, "prefix": key.prefix, "requests_per_minute": key.requests_per_minute})
}

fn event(name: EventName, owner: &tenancy::Agent, data: Value) -> Event<Value> {
    Event {
        name,
        tenant: Some(owner.tenant),
        agent: Some(owner.id),
        data,
    }
}
