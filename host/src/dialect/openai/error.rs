//! Errors as hosts of Chat Completions report them. Each has its own form:
//! OpenAI's `{"error":{…}}`, the same in an array, a bare string, `message` or
//! `detail` at the top.

use serde_json::Value;

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
    let words = ["message", "detail", "error"]
        .iter()
        .find_map(|field| error.get(field)?.as_str());
    let message = words
        .or(error.as_str())
        .or_else(|| top.get("message")?.as_str())?;
    Some((status(error), message.to_owned()))
}

fn status(error: &Value) -> u16 {
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
        .unwrap_or(500)
}

/// The status for a name that hosts use as code, status or type.
fn status_named(name: &str) -> Option<u16> {
    let name = name.to_ascii_lowercase();
    let known = [
        ("rate_limit", 429),
        ("quota", 429),
        ("exhausted", 429),
        ("api_key", 401),
        ("authentication", 401),
        ("permission", 403),
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
        ];
        for (body, status) in cases {
            assert_eq!(
                read(body.as_bytes()),
                Some((status, "m".to_owned())),
                "{body}"
            );
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
