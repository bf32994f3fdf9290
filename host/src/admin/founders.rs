//! `founders`: whose signatures count.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::auth::{Caller, SIGNS, needs};
use super::error::{ApiError, ErrorBody};
use super::{AdminState, body};
use crate::lifecycle::dsse::Envelope;
use crate::lifecycle::keys::FounderKey;
use crate::lifecycle::{Internal, KeysSigned};

/// The first founder's public key.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Enrolment {
    /// An Ed25519 public key as PEM, as `ainfera keygen` writes it.
    #[schema(
        example = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n-----END PUBLIC KEY-----\n"
    )]
    public_key: String,
}

/// The first founder, or what founders signed.
#[derive(Deserialize, ToSchema)]
#[serde(
    untagged,
    expecting = "send {\"public_key\": \"<PEM>\"} for the first founder, or the signed envelope that `ainfera founder` makes"
)]
pub(super) enum FounderWish {
    First(Enrolment),
    Signed(Envelope),
}

/// A founder.
#[derive(Serialize, ToSchema)]
pub(super) struct Founder {
    /// SHA-256 of the public key, in hexadecimal digits.
    key_id: String,
    /// PEM.
    public_key: Option<String>,
    /// Whether it counts no more.
    revoked: bool,
}

impl From<FounderKey> for Founder {
    fn from(key: FounderKey) -> Self {
        Self {
            public_key: key.to_pem().ok(),
            key_id: key.id,
            revoked: key.revoked,
        }
    }
}

/// Every founder.
#[derive(Serialize, ToSchema)]
pub(super) struct Founders {
    founders: Vec<Founder>,
    /// How many of them have to sign a change.
    threshold: usize,
    /// Whether the operator's `AINFERA_FOUNDER_KEYS` sets them.
    fixed: bool,
}

impl Founders {
    async fn of(state: &AdminState) -> Result<Self, Internal> {
        let founders = state.lifecycle.founders().await?;
        Ok(Self {
            threshold: state.lifecycle.threshold(&founders),
            founders: founders.into_iter().map(Founder::from).collect(),
            fixed: state.lifecycle.founders_are_fixed(),
        })
    }
}

/// Whose signatures count.
#[utoipa::path(
    get,
    path = "/admin/v1/founders",
    tag = "Policy",
    responses((status = 200, description = "Every founder, revoked ones too.", body = Founders))
)]
pub(super) async fn list_founders(
    State(state): State<AdminState>,
) -> Result<impl IntoResponse, ApiError> {
    Ok(Json(Founders::of(&state).await?))
}

/// Enrols the first founder, on the word of the token; from then on enrols and
/// revokes on the founders' word, who sign it.
#[utoipa::path(
    post,
    path = "/admin/v1/founders",
    tag = "Policy",
    request_body(content = FounderWish, description = "The first founder's key, or a DSSE v1 envelope (Ed25519) that founders signed, under `application/vnd.ainfera.founder-keys.v1+json`. Its payload has `before` (the ids of all keys that count), `add` (PEM public keys), `revoke` (ids), `not_before`, `not_after` (RFC 3339, at most 7 days apart) and `nonce` (32 lowercase hexadecimal digits). `ainfera founder enrol`, `rotate` and `revoke` make it. Envelopes that say the same count together."),
    responses(
        (status = 200, description = "The founders as they are then, and who signed. Audited as `founders.authorized` for each who signed, `founder.revoked` and `founder.enrolled`.", body = KeysChanged),
        (status = 201, description = "The first founder. Audited as `founder.enrolled`.", body = Founder),
        (status = 202, description = "Who has signed; more founders have to. Audited as `founders.authorized`.", body = KeysChanged),
        (status = 400, description = "`invalid_request`: it is neither a key nor an envelope. `invalid_envelope`: it is not base64, or has no signature. `payload_type`, `invalid_payload`: it signs something else. `invalid_window`: its window is over 7 days, or ends before it begins.", body = ErrorBody),
        (status = 403, description = "To send an envelope takes a founder's token. `no_founder`: none is enrolled. `unknown_key`, `revoked_key`: another key signed. `bad_signature`: it does not verify. `not_yet_valid`, `expired`: its window is not now.", body = ErrorBody),
        (status = 409, description = "`not_first`: there is a founder. `founders_fixed`: the operator's variable sets them. `stale`: other keys count by now. `replayed`: its nonce has served.", body = ErrorBody),
        (status = 422, description = "`unchanged`: it names no key. `invalid_key`: one to add is none. `known_key`: it is or was enrolled. `not_enrolled`: one to revoke is not enrolled. `too_few_keys`: fewer would be left than have to sign.", body = ErrorBody)
    )
)]
pub(super) async fn enrol_founder(
    State(state): State<AdminState>,
    caller: Caller,
    body: Body,
) -> Result<Response, ApiError> {
    let (wish, _) = body::json::<FounderWish>(body).await?;
    match wish {
        FounderWish::First(Enrolment { public_key }) => {
            let actor = caller.to_string();
            let key = state.lifecycle.enrol_founder(&public_key, &actor).await?;
            Ok((StatusCode::CREATED, Json(Founder::from(key))).into_response())
        }
        FounderWish::Signed(envelope) => {
            needs(&caller, SIGNS)?;
            let signed = state.lifecycle.rotate_founders(&envelope).await?;
            let status = if signed.done {
                StatusCode::OK
            } else {
                StatusCode::ACCEPTED
            };
            let founders = Founders::of(&state).await?.founders;
            Ok((status, Json(KeysChanged { signed, founders })).into_response())
        }
    }
}

/// What came of a change of the founders' keys.
#[derive(Serialize, ToSchema)]
pub(super) struct KeysChanged {
    #[serde(flatten)]
    signed: KeysSigned,
    /// Every founder, as it is then.
    founders: Vec<Founder>,
}
