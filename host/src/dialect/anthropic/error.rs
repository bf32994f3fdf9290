//! Errors, as bodies and as events.
//!
//! Format: <https://docs.anthropic.com/en/api/errors>.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::dialect::json;

/// The dialect's list of error types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The request is malformed or can't be served as it stands.
    InvalidRequest,
    /// The key is missing or wrong.
    Authentication,
    /// The account can't pay.
    Billing,
    /// The key may not do this.
    Permission,
    /// There is no such thing.
    NotFound,
    /// The body is too large.
    RequestTooLarge,
    /// Too many requests.
    RateLimit,
    /// The service failed.
    Api,
    /// The service took too long.
    Timeout,
    /// The service has no capacity for now.
    Overloaded,
}

impl ErrorKind {
    const ALL: [Self; 10] = [
        Self::InvalidRequest,
        Self::Authentication,
        Self::Billing,
        Self::Permission,
        Self::NotFound,
        Self::RequestTooLarge,
        Self::RateLimit,
        Self::Api,
        Self::Timeout,
        Self::Overloaded,
    ];

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request_error",
            Self::Authentication => "authentication_error",
            Self::Billing => "billing_error",
            Self::Permission => "permission_error",
            Self::NotFound => "not_found_error",
            Self::RequestTooLarge => "request_too_large",
            Self::RateLimit => "rate_limit_error",
            Self::Api => "api_error",
            Self::Timeout => "timeout_error",
            Self::Overloaded => "overloaded_error",
        }
    }

    /// The HTTP status that stands for it.
    pub fn status(self) -> u16 {
        match self {
            Self::InvalidRequest => 400,
            Self::Authentication => 401,
            Self::Billing => 402,
            Self::Permission => 403,
            Self::NotFound => 404,
            Self::RequestTooLarge => 413,
            Self::RateLimit => 429,
            Self::Api => 500,
            Self::Timeout => 504,
            Self::Overloaded => 529,
        }
    }

    /// The type called `name`; one that is not in the list is the service's
    /// failure.
    pub fn named(name: &str) -> Self {
        let mut all = Self::ALL.into_iter();
        all.find(|kind| kind.name() == name).unwrap_or(Self::Api)
    }
}

/// The type that stands for an HTTP error status.
pub fn kind_for_status(status: u16) -> ErrorKind {
    match status {
        401 => ErrorKind::Authentication,
        402 => ErrorKind::Billing,
        403 => ErrorKind::Permission,
        404 => ErrorKind::NotFound,
        408 | 504 => ErrorKind::Timeout,
        413 => ErrorKind::RequestTooLarge,
        429 => ErrorKind::RateLimit,
        529 => ErrorKind::Overloaded,
        400..=499 => ErrorKind::InvalidRequest,
        _ => ErrorKind::Api,
    }
}

/// The HTTP status that an error body stands for, and its words; none where
/// `body` is no error body.
pub fn read(body: &[u8]) -> Option<(u16, String)> {
    #[derive(Deserialize)]
    struct Body {
        error: Reported,
    }
    #[derive(Deserialize)]
    struct Reported {
        #[serde(default)]
        r#type: String,
        message: String,
    }
    let Body { error } = serde_json::from_slice(body).ok()?;
    Some((ErrorKind::named(&error.r#type).status(), error.message))
}

#[derive(Serialize)]
struct Envelope<'a> {
    r#type: &'static str,
    error: Detail<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
}

#[derive(Serialize)]
struct Detail<'a> {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    message: &'a str,
}

/// An HTTP error body. `code` is the gateway's own, finer than the type.
pub fn body(kind: ErrorKind, code: &str, message: &str, request_id: &str) -> Vec<u8> {
    envelope(kind, Some(code), message, Some(request_id))
}

/// An HTTP error body of a failure that a provider caused, before the gateway
/// has put its code and request id to it.
pub(in crate::dialect) fn plain_body(kind: ErrorKind, message: &str) -> Vec<u8> {
    envelope(kind, None, message, None)
}

/// An `error` event.
pub fn event(kind: ErrorKind, message: &str) -> Bytes {
    let mut out = b"event: error\ndata: ".to_vec();
    out.extend_from_slice(&envelope(kind, None, message, None));
    out.extend_from_slice(b"\n\n");
    out.into()
}

fn envelope(
    kind: ErrorKind,
    code: Option<&str>,
    message: &str,
    request_id: Option<&str>,
) -> Vec<u8> {
    let error = Detail {
        r#type: kind.name(),
        code,
        message,
    };
    let mut out = Vec::new();
    json::append(
        &mut out,
        &Envelope {
            r#type: "error",
            error,
            request_id,
        },
    );
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_and_statuses_belong_together() {
        for kind in ErrorKind::ALL {
            assert_eq!(ErrorKind::named(kind.name()), kind);
            assert_eq!(kind_for_status(kind.status()), kind);
        }
        assert_eq!(ErrorKind::named("new_error"), ErrorKind::Api);
        assert_eq!(kind_for_status(422), ErrorKind::InvalidRequest);
        assert_eq!(kind_for_status(503), ErrorKind::Api);
    }

    #[test]
    fn errors_are_written_in_the_dialects_form() {
        let body = body(ErrorKind::NotFound, "no_model", "no \"x\"\n", "req_1");
        insta::assert_snapshot!(String::from_utf8_lossy(&body), @r#"{"type":"error","error":{"type":"not_found_error","code":"no_model","message":"no \"x\"\n"},"request_id":"req_1"}"#);
        let event = event(ErrorKind::Overloaded, "later");
        insta::assert_snapshot!(String::from_utf8_lossy(&event), @r#"
        event: error
        data: {"type":"error","error":{"type":"overloaded_error","message":"later"}}
        "#);
    }
}
