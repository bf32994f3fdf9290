//! Errors as the admin API gives them:
//! `{"error": {"code", "message", "reasons"?}}`.

use std::time::Duration;

use axum::Json;
use axum::response::{AppendHeaders, IntoResponse, Response};
use http::StatusCode;
use http::header::RETRY_AFTER;
use serde::Serialize;
use utoipa::ToSchema;

use crate::gateway::rate;
use crate::lifecycle::dsse::EnvelopeError;
use crate::lifecycle::keyring::KeyringError;
use crate::lifecycle::laws::Reason;
use crate::lifecycle::sandbox::Untried;
use crate::lifecycle::shadow::ShadowError;
use crate::lifecycle::window::WindowError;
use crate::lifecycle::{
    AuthorizeError, EnrolError, GateError, Internal, LoadedError, ProposeError, Rejected,
    RevokeError, RollbackError, RotateError, UploadError,
};
use crate::record::audit::AppendError;
use crate::store::StoreError;

/// An answer that is an error.
#[derive(Debug)]
pub(super) struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: String,
    reasons: Vec<Reason>,
    /// After how many seconds it is worth another try.
    retry_after: Option<u64>,
}

/// An error.
#[derive(Serialize, ToSchema)]
pub(super) struct ErrorBody {
    error: Inner,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Error)]
struct Inner {
    /// For programs; it does not change.
    code: &'static str,
    /// For people: what is wrong and what to do.
    message: String,
    /// Every law that a component breaks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    reasons: Vec<Reason>,
}

impl ApiError {
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            reasons: Vec::new(),
            retry_after: None,
        }
    }

    /// The same, and when it is worth another try.
    pub(super) fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(rate::seconds(wait));
        self
    }

    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", message)
    }

    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", message)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let Self {
            status,
            code,
            message,
            reasons,
            retry_after,
        } = self;
        let retry_after = retry_after.map(|seconds| (RETRY_AFTER, seconds.to_string()));
        (
            status,
            AppendHeaders(retry_after),
            Json(ErrorBody {
                error: Inner {
                    code,
                    message,
                    reasons,
                },
            }),
        )
            .into_response()
    }
}

/// No such path.
pub(super) async fn no_route() -> ApiError {
    ApiError::not_found(
        "there is no such route; `GET /admin/v1/openapi.json` describes all of them",
    )
}

/// No such method on this path.
pub(super) async fn no_method() -> ApiError {
    ApiError::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "this route has no such method",
    )
}

impl From<Internal> for ApiError {
    fn from(error: Internal) -> Self {
        match error {
            Internal::Store(error) | Internal::Audit(AppendError::Store(error)) => error.into(),
            other => {
                tracing::error!(error = %other, "admin_failed");
                Self::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "internal",
                    other.to_string(),
                )
            }
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        let message = error.to_string();
        match error {
            StoreError::Stale { .. } => Self::new(StatusCode::CONFLICT, "stale", message),
            StoreError::Duplicate { .. } => Self::new(StatusCode::CONFLICT, "exists", message),
            StoreError::Missing { .. } => Self::not_found(message),
            _ => {
                tracing::error!(error = message, "database_failed");
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "database_unavailable",
                    "the database does not answer; try again",
                )
            }
        }
    }
}

impl From<AppendError> for ApiError {
    fn from(error: AppendError) -> Self {
        Internal::from(error).into()
    }
}

impl From<Rejected> for ApiError {
    fn from(rejected: Rejected) -> Self {
        let error = Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "rejected",
            rejected.to_string(),
        );
        Self {
            reasons: rejected.reasons,
            ..error
        }
    }
}

impl From<UploadError> for ApiError {
    fn from(error: UploadError) -> Self {
        match error {
            UploadError::Busy => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", error.to_string())
            }
            UploadError::Rejected(rejected) => rejected.into(),
            UploadError::Internal(internal) => internal.into(),
        }
    }
}

impl From<Untried> for ApiError {
    fn from(error: Untried) -> Self {
        let unprocessable =
            |code| Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, error.to_string());
        match error {
            Untried::Busy => Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", error.to_string()),
            Untried::Missing(_) => unprocessable("unknown_component"),
            Untried::Diff(_) => unprocessable("incomparable"),
            Untried::Rejected(rejected) => rejected.into(),
            Untried::Set(error) => error.into(),
            Untried::Internal(internal) => internal.into(),
        }
    }
}

impl From<LoadedError> for ApiError {
    fn from(error: LoadedError) -> Self {
        let unprocessable =
            |code| Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, error.to_string());
        match error {
            LoadedError::Missing(_) => unprocessable("unknown_component"),
            LoadedError::NotVerified(_) | LoadedError::Unloadable { .. } | LoadedError::Set(_) => {
                unprocessable("not_verified")
            }
            LoadedError::Rejected(rejected) => rejected.into(),
            LoadedError::Internal(internal) => internal.into(),
        }
    }
}

impl From<ProposeError> for ApiError {
    fn from(error: ProposeError) -> Self {
        let unprocessable =
            |code| Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, error.to_string());
        match error {
            ProposeError::Empty => Self::bad_request(error.to_string()),
            ProposeError::WrongSlot { .. } => unprocessable("wrong_slot"),
            ProposeError::Unchanged => unprocessable("unchanged"),
            ProposeError::CatalogName(_) => unprocessable("catalog_name"),
            ProposeError::Revoked => unprocessable("revoked_set"),
            ProposeError::Loaded(error) => error.into(),
            ProposeError::Internal(internal) => internal.into(),
        }
    }
}

fn of_envelope(error: &EnvelopeError) -> (StatusCode, &'static str) {
    match error {
        EnvelopeError::Base64(_) | EnvelopeError::Unsigned => {
            (StatusCode::BAD_REQUEST, "invalid_envelope")
        }
        EnvelopeError::NoFounder => (StatusCode::FORBIDDEN, "no_founder"),
        EnvelopeError::UnknownKey(_) => (StatusCode::FORBIDDEN, "unknown_key"),
        EnvelopeError::Revoked(_) => (StatusCode::FORBIDDEN, "revoked_key"),
        EnvelopeError::Forged => (StatusCode::FORBIDDEN, "bad_signature"),
    }
}

fn of_window(error: &WindowError) -> (StatusCode, &'static str) {
    match error {
        WindowError::NotYet(_) => (StatusCode::FORBIDDEN, "not_yet_valid"),
        WindowError::Expired(_) => (StatusCode::FORBIDDEN, "expired"),
        WindowError::Length(..) => (StatusCode::BAD_REQUEST, "invalid_window"),
        WindowError::Nonce => (StatusCode::BAD_REQUEST, "invalid_payload"),
    }
}

impl From<AuthorizeError> for ApiError {
    fn from(error: AuthorizeError) -> Self {
        let (status, code) = match error {
            AuthorizeError::Loaded(error) => return error.into(),
            AuthorizeError::Internal(internal) => return internal.into(),
            AuthorizeError::Envelope(ref error) => of_envelope(error),
            AuthorizeError::PayloadType(_) => (StatusCode::BAD_REQUEST, "payload_type"),
            AuthorizeError::Payload(_) => (StatusCode::BAD_REQUEST, "invalid_payload"),
            AuthorizeError::Window(ref error) => of_window(error),
            AuthorizeError::UnknownChange(_) => (StatusCode::NOT_FOUND, "unknown_change"),
            AuthorizeError::NonceUsed => (StatusCode::CONFLICT, "replayed"),
            AuthorizeError::Mismatch(_) => (StatusCode::UNPROCESSABLE_ENTITY, "mismatch"),
            AuthorizeError::Fingerprint => (StatusCode::UNPROCESSABLE_ENTITY, "fingerprint"),
            AuthorizeError::CatalogName(_) => (StatusCode::UNPROCESSABLE_ENTITY, "catalog_name"),
            AuthorizeError::Revoked => (StatusCode::UNPROCESSABLE_ENTITY, "revoked_set"),
            AuthorizeError::Stale { .. } => (StatusCode::CONFLICT, "stale"),
        };
        Self::new(status, code, error.to_string())
    }
}

impl From<RollbackError> for ApiError {
    fn from(error: RollbackError) -> Self {
        let (status, code) = match error {
            RollbackError::Stale { .. } => (StatusCode::CONFLICT, "stale"),
            RollbackError::Unknown(_) => (StatusCode::NOT_FOUND, "unknown_generation"),
            RollbackError::NothingBefore => (StatusCode::UNPROCESSABLE_ENTITY, "nothing_before"),
            RollbackError::Same(_) => (StatusCode::UNPROCESSABLE_ENTITY, "unchanged"),
            RollbackError::Unusable { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "unusable"),
            RollbackError::Revoked(_) => (StatusCode::UNPROCESSABLE_ENTITY, "revoked_set"),
            RollbackError::CatalogName { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "catalog_name"),
            RollbackError::Internal(internal) => return internal.into(),
        };
        Self::new(status, code, error.to_string())
    }
}

impl From<GateError> for ApiError {
    fn from(error: GateError) -> Self {
        match error {
            GateError::Unknown(_) => Self::not_found(error.to_string()),
            GateError::Held => Self::new(StatusCode::CONFLICT, "gate_held", error.to_string()),
            GateError::Internal(internal) => internal.into(),
        }
    }
}

impl From<EnrolError> for ApiError {
    fn from(error: EnrolError) -> Self {
        match error {
            EnrolError::Key(_) => Self::bad_request(error.to_string()),
            EnrolError::NotFirst => Self::new(StatusCode::CONFLICT, "not_first", error.to_string()),
            EnrolError::Fixed => {
                Self::new(StatusCode::CONFLICT, "founders_fixed", error.to_string())
            }
            EnrolError::Internal(internal) => internal.into(),
        }
    }
}

impl From<ShadowError> for ApiError {
    fn from(error: ShadowError) -> Self {
        let message = error.to_string();
        match error {
            ShadowError::Running => Self::new(StatusCode::CONFLICT, "shadow_running", message),
            ShadowError::Stale => Self::new(StatusCode::CONFLICT, "stale", message),
            ShadowError::NotRunning => Self::not_found(message),
            ShadowError::UnknownChange(_) => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "unknown_change", message)
            }
            ShadowError::Candidate(error) => error.into(),
            ShadowError::Internal(internal) => internal.into(),
        }
    }
}

impl From<RotateError> for ApiError {
    fn from(error: RotateError) -> Self {
        let (status, code) = match error {
            RotateError::Internal(internal) => return internal.into(),
            RotateError::Fixed => (StatusCode::CONFLICT, "founders_fixed"),
            RotateError::Envelope(ref error) => of_envelope(error),
            RotateError::PayloadType(_) => (StatusCode::BAD_REQUEST, "payload_type"),
            RotateError::Payload(_) => (StatusCode::BAD_REQUEST, "invalid_payload"),
            RotateError::Window(ref error) => of_window(error),
            RotateError::NonceUsed => (StatusCode::CONFLICT, "replayed"),
            RotateError::Keyring(ref error) => match error {
                KeyringError::Stale => (StatusCode::CONFLICT, "stale"),
                KeyringError::Unchanged => (StatusCode::UNPROCESSABLE_ENTITY, "unchanged"),
                KeyringError::Key(_) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid_key"),
                KeyringError::Known(_) => (StatusCode::UNPROCESSABLE_ENTITY, "known_key"),
                KeyringError::Unknown(_) => (StatusCode::UNPROCESSABLE_ENTITY, "not_enrolled"),
                KeyringError::TooFew { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "too_few_keys"),
            },
        };
        Self::new(status, code, error.to_string())
    }
}

impl From<RevokeError> for ApiError {
    fn from(error: RevokeError) -> Self {
        let (status, code) = match error {
            RevokeError::Unknown(_) => (StatusCode::NOT_FOUND, "unknown_generation"),
            RevokeError::Active(_) => (StatusCode::CONFLICT, "active"),
            RevokeError::Internal(internal) => return internal.into(),
        };
        Self::new(status, code, error.to_string())
    }
}
