//! Errors, as clients of Chat Completions get them and as hosts report them.
//! Each host has its own form: OpenAI's `{"error":{…}}`, the same in an array, a
//! bare string, `message` or `detail` at the top.
//!
//! Format: <https://platform.openai.com/docs/guides/error-codes>.

use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;

use crate::dialect::{ErrorKind, json};

/// The dialect's name for an error.
pub fn name(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::InvalidRequest | ErrorKind::RequestTooLarge => "invalid_request_error",
        ErrorKind::Authentication => "authentication_error",
        ErrorKind::Billing => "insufficient_quota",
        ErrorKind::Permission => "permission_error",
        ErrorKind::NotFound => "not_found_error",
        ErrorKind::RateLimit => "rate_limit_error",
        ErrorKind::Api | ErrorKind::Timeout | ErrorKind::Overloaded => "server_error",
    }
}

#[derive(Serialize)]
struct Envelope<'a> {
    error: Detail<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
}

#[derive(Serialize)]
struct Detail<'a> {
    message: &'a str,
    r#type: &'static str,
    param: (),
    code: Option<&'a str>,
}

/// An HTTP error body. `code` is the gateway's own, finer than the type.
pub fn body(kind: ErrorKind, code: &str, message: &str, request_id: &str) -> Vec<u8> {
    envelope(kind, Some(code), message, Some(request_id))
}

/// The data frame that ends a broken stream.
pub fn event(kind: ErrorKind, message: &str) -> Bytes {
    let mut out = b"data: ".to_vec();
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
        message,
        r#type: name(kind),
        param: (),
        code,
    };
    let mut out = Vec::new();
    json::append(&mut out, &Envelope { error, request_id });
    out
}

/// The provider's own words in an error body, if there are any.
pub fn message(body: &[u8]) -> Option<String> {
    read(body).map(|(_, message)| message)
}

/// The HTTP status that an error stands for, and its words.
pub fn read(body: &[u8]) -> Option<(u16, String)> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let top = value.get(0).unwrap_or(&value);
    let error = top
        .get("error")
        .filter(|error| !error.is_null())
        .unwrap_or(top);
    let message = words(error).or_else(|| words(top))?;
    let status = status(error).or_else(|| status(top)).unwrap_or(500);
    Some((status, message))
}

/// The words in an error, or in a part of one. Where a host lists what its
/// check of the request found, each is said with its place.
fn words(error: &Value) -> Option<String> {
    match error {
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Value::Array(findings) => {
            let all: Vec<_> = findings.iter().filter_map(words).collect();
            (!all.is_empty()).then(|| all.join("; "))
        }
        Value::Object(members) => {
            if let (Some(Value::Array(place)), Some(Value::String(finding))) =
                (members.get("loc"), members.get("msg"))
            {
                return Some(format!("{}: {finding}", path(place)));
            }
            ["message", "detail", "error"]
                .iter()
                .find_map(|field| words(members.get(*field)?))
        }
        _ => None,
    }
}

fn path(place: &[Value]) -> String {
    let steps = place.iter().map(|step| match step {
        Value::String(name) => name.clone(),
        other => other.to_string(),
    });
    steps.collect::<Vec<_>>().join(".")
}

fn status(error: &Value) -> Option<u16> {
    let fields = || {
        ["code", "status", "status_code", "type"]
            .iter()
            .filter_map(|field| error.get(field))
    };
    let number = |value: &Value| {
        let number = value.as_u64().or_else(|| value.as_str()?.parse().ok())?;
        u16::try_from(number)
            .ok()
            .filter(|status| (400..600).contains(status))
    };
    let named = |value: &Value| value.as_str().and_then(status_named);
    fields()
        .find_map(number)
        .or_else(|| fields().find_map(named))
}

/// The status for a name that hosts use as code, status or type.
fn status_named(name: &str) -> Option<u16> {
    let name = name.to_ascii_lowercase().replace(' ', "_");
    let known = [
        ("rate_limit", 429),
        ("quota", 429),
        ("exhausted", 429),
        ("api_key", 401),
        ("authentication", 401),
        ("permission", 403),
        ("image", 400),
        ("not_found", 404),
        ("invalid", 400),
        ("context_length", 400),
        ("badrequest", 400),
        ("overloaded", 529),
        ("unavailable", 503),
        ("timeout", 504),
    ];
    let found = known.iter().find(|(part, _)| name.contains(part));
    found.map(|(_, status)| *status)
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_written_in_the_dialects_form() {
        let body = body(ErrorKind::NotFound, "no_model", "no \"x\"\n", "req_1");
        insta::assert_snapshot!(String::from_utf8_lossy(&body), @r#"{"error":{"message":"no \"x\"\n","type":"not_found_error","param":null,"code":"no_model"},"request_id":"req_1"}"#);
        let event = event(ErrorKind::Overloaded, "later");
        insta::assert_snapshot!(String::from_utf8_lossy(&event), @r#"data: {"error":{"message":"later","type":"server_error","param":null,"code":null}}"#);
        for kind in ErrorKind::ALL {
            assert_eq!(read(&super::body(kind, "c", "m", "r")).unwrap().1, "m");
        }
    }

    #[test]
    fn every_host_is_understood() {
        let cases = [
            (
                r#"{"error":{"message":"m","type":"invalid_request_error","code":null}}"#,
                400,
            ),
            (
                r#"{"error":{"message":"m","type":"requests","code":"rate_limit_exceeded"}}"#,
                429,
            ),
            (
                r#"{"error":{"message":"m","type":"insufficient_quota","code":"insufficient_quota"}}"#,
                429,
            ),
            (
                r#"{"error":{"message":"m","type":"invalid_request_error","code":"invalid_api_key"}}"#,
                401,
            ),
            (
                r#"[{"error":{"code":503,"message":"m","status":"UNAVAILABLE"}}]"#,
                503,
            ),
            (r#"{"error":{"message":"m","code":"502"}}"#, 502),
            (
                r#"{"object":"error","message":"m","type":"BadRequestError","code":400}"#,
                400,
            ),
            (r#"{"error":"m"}"#, 500),
            (r#"{"detail":"m"}"#, 500),
            (r#"{"message":"m","error":null}"#, 500),
            (r#"{"detail":{"error":"m"}}"#, 500),
            (
                r#"{"code":"Client specified an invalid argument","error":"m"}"#,
                400,
            ),
            (
                r#"{"code":404,"reason":"MODEL_NOT_FOUND","message":"m","metadata":{}}"#,
                404,
            ),
        ];
        for (body, status) in cases {
            assert_eq!(
                read(body.as_bytes()),
                Some((status, "m".to_owned())),
                "{body}"
            );
        }
        let finding = r#"{"type":"extra_forbidden","loc":["body","messages",0,"x"],"msg":"Extra inputs are not permitted","input":1}"#;
        for body in [
            format!(r#"{{"detail":[{finding}]}}"#),
            format!(
                r#"{{"object":"error","message":{{"detail":[{finding}]}},"type":"invalid_request_error","code":null}}"#
            ),
        ] {
            let words = "body.messages.0.x: Extra inputs are not permitted";
            assert_eq!(message(body.as_bytes()).unwrap(), words);
        }
        for body in [
            "",
            "<html>",
            "{}",
            "[]",
            "[[]]",
            "\"m\\",
            r#"{"error":{}}"#,
            &"[".repeat(100_000),
        ] {
            assert_eq!(message(body.as_bytes()), None);
        }
    }
}
