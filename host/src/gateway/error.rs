//! Errors before the first event: real HTTP errors in the client's dialect.

use std::time::Duration;

use axum::response::Response;
use bytes::Bytes;
use http::header::RETRY_AFTER;
use http::{HeaderValue, StatusCode};

use super::headers::Receipt;
use super::rate::seconds;
use crate::catalog::NanoUsd;
use crate::dialect::{Dialect, ErrorKind};
use crate::provider::Failure;

/// After how many seconds to look again for the answer of a call that runs.
const IN_FLIGHT: u16 = 2;

/// An answer that is an error.
#[derive(Debug)]
pub struct ApiError {
    status: StatusCode,
    kind: ErrorKind,
    code: &'static str,
    message: String,
    retry_after: Option<HeaderValue>,
    /// The error of a provider that speaks the client's dialect, as it came.
    body: Option<Bytes>,
}

impl ApiError {
    fn new(
        status: StatusCode,
        kind: ErrorKind,
        code: &'static str,
        message: impl Into<String>,
    ) -> Self {
        Self {
            status,
            kind,
            code,
            message: message.into(),
            retry_after: None,
            body: None,
        }
    }

    /// 400: the request is malformed.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            ErrorKind::InvalidRequest,
            "invalid_request_error",
            message,
        )
    }

    /// 401: no key, or a wrong one.
    pub fn unauthenticated(message: impl Into<String>) -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            ErrorKind::Authentication,
            "authentication_error",
            message,
        )
    }

    /// 402: the call may cost more than its tenant has left.
    pub fn insufficient_funds(needed: NanoUsd, left: NanoUsd) -> Self {
        let message = format!(
            "the call may cost {needed} USD, and the account has {left} USD left; ask the operator to top it up, or ask for less output with `max_tokens`"
        );
        Self::new(
            StatusCode::PAYMENT_REQUIRED,
            ErrorKind::Billing,
            "insufficient_funds",
            message,
        )
    }

    /// 402: every candidate, or the model that was named, may cost more than
    /// the agent's cap for a call.
    pub fn call_cap_exceeded(offer: &str, needed: NanoUsd, cap: NanoUsd) -> Self {
        let message = format!(
            "the call may cost {needed} USD at `{offer}`, the cheapest for it, and this key's agent may spend {cap} USD on a call; ask for less output with `max_tokens`, or the operator to raise the cap"
        );
        Self::new(
            StatusCode::PAYMENT_REQUIRED,
            ErrorKind::Billing,
            "cap_exceeded",
            message,
        )
    }

    /// 402: the call may cost more than the agent has left of the day's cap.
    pub fn day_cap_exceeded(needed: NanoUsd, left: NanoUsd) -> Self {
        let message = format!(
            "the call may cost {needed} USD, and this key's agent has {left} USD left to spend until 00:00 UTC; come back then, ask for less output with `max_tokens`, or the operator to raise the cap"
        );
        Self::new(
            StatusCode::PAYMENT_REQUIRED,
            ErrorKind::Billing,
            "cap_exceeded",
            message,
        )
    }

    /// 403: the agent may not use the model.
    pub fn not_allowed(offer: &str) -> Self {
        let message = format!(
            "this key's agent may not use `{offer}`; ask the operator to allow it, or name a model from GET /v1/models"
        );
        Self::new(
            StatusCode::FORBIDDEN,
            ErrorKind::Permission,
            "permission_error",
            message,
        )
    }

    /// 404: no such model, record or route.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            ErrorKind::NotFound,
            "not_found_error",
            message,
        )
    }

    /// 405: the route exists, the method does not.
    pub fn method_not_allowed() -> Self {
        let message = "this path does not take this method; see the API's documentation";
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            ErrorKind::InvalidRequest,
            "invalid_request_error",
            message,
        )
    }

    /// 408: the client was too slow.
    pub fn too_slow() -> Self {
        let message = "the request body did not arrive in time; send it without pauses";
        Self::new(
            StatusCode::REQUEST_TIMEOUT,
            ErrorKind::Timeout,
            "timeout_error",
            message,
        )
    }

    /// 409: the agent is suspended.
    pub fn agent_not_active() -> Self {
        let message = "this key's agent is not active; ask the operator to activate it";
        Self::new(
            StatusCode::CONFLICT,
            ErrorKind::InvalidRequest,
            "agent_not_active",
            message,
        )
    }

    /// 409: a call with the same idempotency key has not ended.
    pub fn idempotency_in_flight() -> Self {
        let message = "a call with this `Idempotency-Key` has not ended yet; retry for its answer";
        Self {
            retry_after: Some(IN_FLIGHT.into()),
            ..Self::new(
                StatusCode::CONFLICT,
                ErrorKind::InvalidRequest,
                "idempotency_in_flight",
                message,
            )
        }
    }

    /// 410: an alias past its sunset.
    pub fn sunset(requested: &str, target: &str) -> Self {
        let message = format!("the model name `{requested}` is past its sunset; use `{target}`");
        Self::new(
            StatusCode::GONE,
            ErrorKind::NotFound,
            "model_sunset",
            message,
        )
    }

    /// 413: the body is over the limit.
    pub fn too_large(limit: usize) -> Self {
        let message = format!("the request body is over the limit of {limit} bytes");
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            ErrorKind::RequestTooLarge,
            "request_too_large",
            message,
        )
    }

    /// 422: nothing clears what the call asks for.
    pub fn no_candidate(message: impl Into<String>) -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            ErrorKind::InvalidRequest,
            "no_candidate",
            message,
        )
    }

    /// 422: the idempotency key is that of another request.
    pub fn idempotency_mismatch() -> Self {
        let message = "this `Idempotency-Key` was used with another body; use a key of its own for each request, and the same bytes for a retry";
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            ErrorKind::InvalidRequest,
            "idempotency_mismatch",
            message,
        )
    }

    /// 422: a pinned offer that takes no tools.
    pub fn tools_not_supported(offer: &str) -> Self {
        let message = format!(
            "`{offer}` does not take tools; remove `tools`, or use a model that does, or a routing target"
        );
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            ErrorKind::InvalidRequest,
            "tools_not_supported_by_backend",
            message,
        )
    }

    /// 429: every candidate is rate limited; come back in `seconds`.
    pub fn rate_limited(seconds: Option<u64>) -> Self {
        let message = "every candidate is rate limited by its provider; retry later";
        let retry_after = seconds.map(HeaderValue::from);
        Self {
            retry_after,
            ..Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                ErrorKind::RateLimit,
                "rate_limit_error",
                message,
            )
        }
    }

    /// 429: the key is over its rate; come back in `wait`.
    pub fn over_rate(wait: Duration) -> Self {
        let seconds = seconds(wait);
        let message = format!("this key is over its rate limit; retry in {seconds} s");
        Self {
            retry_after: Some(seconds.into()),
            ..Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                ErrorKind::RateLimit,
                "rate_limit_error",
                message,
            )
        }
    }

    /// 502: every candidate failed.
    pub fn all_failed() -> Self {
        let message = "every candidate failed; the call's record names each attempt; retry";
        Self::new(
            StatusCode::BAD_GATEWAY,
            ErrorKind::Api,
            "all_candidates_failed",
            message,
        )
    }

    /// 502: the pinned provider did not serve the call.
    pub fn provider(message: impl Into<String>) -> Self {
        Self::new(
            StatusCode::BAD_GATEWAY,
            ErrorKind::Api,
            "provider_error",
            message,
        )
    }

    /// 503: the policy cannot decide.
    pub fn policy_unavailable(message: impl Into<String>) -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            ErrorKind::Api,
            "policy_unavailable",
            message,
        )
    }

    /// 503: the call cannot be recorded, so it is not made.
    pub fn records_unavailable(message: impl Into<String>) -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            ErrorKind::Api,
            "records_unavailable",
            message,
        )
    }

    /// 504: the provider took too long.
    pub fn timed_out() -> Self {
        let message = "the provider did not answer in time; retry";
        Self::new(
            StatusCode::GATEWAY_TIMEOUT,
            ErrorKind::Timeout,
            "timeout_error",
            message,
        )
    }

    /// A provider's own error: its status and `retry-after`, with its body where
    /// it speaks the client's dialect, else its words.
    pub fn relayed(status: u16, failure: Failure) -> Self {
        let kind = ErrorKind::for_status(status);
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
        let retry_after = failure
            .retry_after
            .and_then(|text| HeaderValue::from_str(&text).ok());
        Self {
            retry_after,
            body: failure.body,
            ..Self::new(status, kind, "provider_error", failure.message)
        }
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// The gateway's own name for it.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// Whether another call has the idempotency key.
    pub fn is_claimed(&self) -> bool {
        self.code == "idempotency_in_flight"
    }

    /// The body of the answer, in `dialect`.
    pub fn body(&self, dialect: Dialect, request_id: &str) -> Bytes {
        match &self.body {
            Some(body) => body.clone(),
            None => dialect
                .error_body(self.kind, self.code, &self.message, request_id)
                .into(),
        }
    }

    /// The response, with what `receipt` says of the call.
    pub fn respond(self, receipt: &Receipt) -> Response {
        let body = self.body(receipt.dialect, &receipt.request_id());
        let mut response = receipt.json(self.status, body);
        if let Some(wait) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, wait);
        }
        response
    }
}
/// 503 for a record that cannot be written.
pub fn unrecorded(error: impl std::fmt::Display) -> ApiError {
    ApiError::records_unavailable(error.to_string())
}
