//! Errors, as bodies and as events.
//!
//! Format: <https://docs.anthropic.com/en/api/errors>.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::dialect::{ErrorKind, json};

/// The dialect's name for an error.
pub fn name(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::InvalidRequest => "invalid_request_error",
        ErrorKind::Authentication => "authentication_error",
        ErrorKind::Billing => "billing_error",
        ErrorKind::Permission => "permission_error",
        ErrorKind::NotFound => "not_found_error",
        ErrorKind::RequestTooLarge => "request_too_large",
        ErrorKind::RateLimit => "rate_limit_error",
        ErrorKind::Api => "api_error",
        ErrorKind::Timeout => "timeout_error",
        ErrorKind::Overloaded => "overloaded_error",
    }
}

/// The error called `named`; one that is not in the dialect's list is the
/// service's failure.
pub fn kind(named: &str) -> ErrorKind {
    let mut all = ErrorKind::ALL.into_iter();
    all.find(|kind| name(*kind) == named)
        .unwrap_or(ErrorKind::Api)
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
    Some((kind(&error.r#type).status(), error.message))
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
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<MoreDetails<'a>>,
}

/// Where the dialect's own codes stand, and its clients look for them.
#[derive(Serialize)]
struct MoreDetails<'a> {
    error_code: &'a str,
}

/// An HTTP error body. `code` is the gateway's own, finer than the type.
pub fn body(kind: ErrorKind, code: &str, message: &str, request_id: &str) -> Vec<u8> {
    envelope(kind, Some(code), message, Some(request_id))
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
        r#type: name(kind),
        code,
        message,
        details: code.map(|error_code| MoreDetails { error_code }),
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
            assert_eq!(super::kind(name(kind)), kind);
            assert_eq!(ErrorKind::for_status(kind.status()), kind);
        }
        assert_eq!(kind("new_error"), ErrorKind::Api);
        assert_eq!(ErrorKind::for_status(422), ErrorKind::InvalidRequest);
        assert_eq!(ErrorKind::for_status(503), ErrorKind::Api);
    }

    #[test]
    fn errors_are_written_in_the_dialects_form() {
        let body = body(ErrorKind::NotFound, "no_model", "no \"x\"\n", "req_1");
        insta::assert_snapshot!(String::from_utf8_lossy(&body), @r#"{"type":"error","error":{"type":"not_found_error","code":"no_model","message":"no \"x\"\n","details":{"error_code":"no_model"}},"request_id":"req_1"}"#);
        let event = event(ErrorKind::Overloaded, "later");
        insta::assert_snapshot!(String::from_utf8_lossy(&event), @r#"
        event: error
        data: {"type":"error","error":{"type":"overloaded_error","message":"later"}}
        "#);
    }
}
