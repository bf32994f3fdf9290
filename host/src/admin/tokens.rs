//! `tokens`: who may call this API. A token is shown once, when it is made; only
//! its hash is kept.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::IntoResponse;
use http::StatusCode;
use http::header::CACHE_CONTROL;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::auth::{Caller, grantable, needs};
use super::body::Path;
use super::error::{ApiError, ErrorBody};
use super::{AdminState, act, body};
use crate::bootstrap;
use crate::lifecycle::Internal;
use crate::record::audit::{self, Event, EventName};
use crate::store::tokens::{self, AdminToken, Role};
use crate::store::{AdminTokenId, Digest, StoreError, Tx, now_us};

/// The most characters of a token's name.
const LONGEST: usize = 40;

/// Who gets a token, and for what.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TokenWish {
    /// Who acts, for the audit: 1 to 40 letters, digits, `.`, `_`, `@` and `-`.
    #[schema(example = "ci")]
    name: String,
    role: Role,
}

/// A token, without its text.
#[derive(Serialize, ToSchema)]
pub(super) struct Token {
    #[schema(value_type = String, example = "tok_0379257800000004")]
    id: AdminTokenId,
    #[schema(example = "ci")]
    name: String,
    role: Role,
    /// Microseconds since the Unix epoch.
    created_us: i64,
    /// Who made it.
    actor: String,
    revoked_us: Option<i64>,
}

impl From<AdminToken> for Token {
    fn from(token: AdminToken) -> Self {
        Self {
            id: token.id,
            name: token.name,
            role: token.role,
            created_us: token.created_us,
            actor: token.actor,
            revoked_us: token.revoked_us,
        }
    }
}

/// A token that was made.
#[derive(Serialize, ToSchema)]
pub(super) struct NewToken {
    #[serde(flatten)]
    token: Token,
    /// Its text, shown this once.
    #[schema(example = "adm_2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae")]
    secret: String,
}

/// Tokens, the first one first.
#[derive(Serialize, ToSchema)]
pub(super) struct Tokens {
    tokens: Vec<Token>,
}

/// Makes a token, which opens from now on.
#[utoipa::path(
    post,
    path = "/admin/v1/tokens",
    tag = "Access",
    request_body = TokenWish,
    responses(
        (status = 201, description = "The token, shown this once. Audited as `token.created`.", body = NewToken),
        (status = 400, description = "`invalid_request`: a field does not fit; the message names it.", body = ErrorBody),
        (status = 409, description = "`exists`: a token that is not revoked has this name.", body = ErrorBody)
    )
)]
pub(super) async fn create_token(
    State(state): State<AdminState>,
    caller: Caller,
    body: Body,
) -> Result<impl IntoResponse, ApiError> {
    let (wish, _) = body::json::<TokenWish>(body).await?;
    may_grant(&caller, wish.role)?;
    let secret = bootstrap::admin_token().map_err(Internal::from)?;
    let token = AdminToken {
        id: AdminTokenId::random().map_err(Internal::from)?,
        name: name(wish.name)?,
        role: wish.role,
        hash: Digest::of(secret.as_bytes()),
        created_us: now_us(),
        actor: caller.to_string(),
        revoked_us: None,
    };
    let token = act::detached(async move {
        let mut tx = state.store.begin().await?;
        tokens::insert(&mut tx, &token).await?;
        commit(&state, tx, EventName::TokenCreated, &token, &caller).await?;
        Ok(Token::from(token))
    })
    .await?;
    let uncached = [(CACHE_CONTROL, "no-store")];
    Ok((
        StatusCode::CREATED,
        uncached,
        Json(NewToken { token, secret }),
    ))
}

/// Every token, revoked ones too. That of the first start is none of them.
#[utoipa::path(
    get,
    path = "/admin/v1/tokens",
    tag = "Access",
    responses((status = 200, description = "The tokens, without their texts.", body = Tokens))
)]
pub(super) async fn list_tokens(
    State(state): State<AdminState>,
) -> Result<impl IntoResponse, ApiError> {
    let tokens = tokens::list(&state.store).await?.into_iter();
    Ok(Json(Tokens {
        tokens: tokens.map(Token::from).collect(),
    }))
}

/// Revokes a token: the next call with it is refused.
#[utoipa::path(
    delete,
    path = "/admin/v1/tokens/{id}",
    tag = "Access",
    params(("id" = String, Path, description = "The token's id, `tok_…`.")),
    responses(
        (status = 200, description = "The token, revoked now or before. Audited as `token.revoked`.", body = Token),
        (status = 404, description = "`not_found`: there is no such token.", body = ErrorBody)
    )
)]
pub(super) async fn revoke_token(
    State(state): State<AdminState>,
    caller: Caller,
    Path(id): Path,
) -> Result<impl IntoResponse, ApiError> {
    let id: AdminTokenId = body::id(&id)?;
    let token = act::detached(async move {
        let mut tx = state.store.begin().await?;
        let before = tokens::get(&mut tx, id).await?;
        may_grant(&caller, before.role)?;
        if before.revoked_us.is_some() {
            drop(tx);
            // Whoever asks again may have missed that the gateway knows it.
            state.tokens.reload(&state.store).await?;
            return Ok(before);
        }
        let token = tokens::revoke(&mut tx, id, now_us()).await?;
        commit(&state, tx, EventName::TokenRevoked, &token, &caller).await?;
        Ok(token)
    })
    .await?;
    Ok(Json(Token::from(token)))
}

/// Refuses a caller who may make and revoke no tokens of this role.
fn may_grant(caller: &Caller, role: Role) -> Result<(), ApiError> {
    let granters: Vec<_> = Role::ALL
        .into_iter()
        .filter(|granter| grantable(*granter).contains(&role))
        .collect();
    needs(caller, &granters)
}

fn name(name: String) -> Result<String, ApiError> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '@' | '-');
    if (1..=LONGEST).contains(&name.len()) && name.chars().all(fits) {
        return Ok(name);
    }
    Err(ApiError::bad_request(format!(
        "`name` needs 1 to {LONGEST} letters, digits, `.`, `_`, `@` or `-`"
    )))
}

/// Commits with its event, and has the next call see it.
async fn commit(
    state: &AdminState,
    mut tx: Tx,
    name: EventName,
    token: &AdminToken,
    caller: &Caller,
) -> Result<(), ApiError> {
    let data = json!({"actor": caller.to_string(), "name": token.name, "role": token.role, "token": token.id});
    audit::append(&mut tx, &Event::new(name, data)).await?;
    tx.commit().await.map_err(StoreError::from)?;
    Ok(state.tokens.reload(&state.store).await?)
}
