//! Errors as each dialect has them.

use serde_json::Value;

use super::{Answer, Dialect};

/// The error types that OpenAI's dialect knows.
const OPENAI_TYPES: [&str; 7] = [
    "invalid_request_error",
    "authentication_error",
    "permission_error",
    "not_found_error",
    "rate_limit_error",
    "insufficient_quota",
    "server_error",
];

/// Asserts that an error object is one of OpenAI's dialect, whole.
pub(super) fn check_openai(error: &Value) {
    let kind = error["type"].as_str().unwrap_or_default();
    assert!(
        OPENAI_TYPES.contains(&kind),
        "no error type of the dialect: {error}"
    );
    assert!(
        error["message"]
            .as_str()
            .is_some_and(|text| !text.is_empty()),
        "an error without a message: {error}"
    );
    for field in ["param", "code"] {
        assert!(error.get(field).is_some(), "an error without {field}");
    }
}

/// What stands in OpenAI's dialect for a type of Anthropic's.
fn openai_type(kind: &str) -> &str {
    match kind {
        "api_error" | "overloaded_error" | "timeout_error" => "server_error",
        "request_too_large" => "invalid_request_error",
        "billing_error" => "insufficient_quota",
        same => same,
    }
}

impl Answer {
    /// Asserts that this is the gateway's own error, whole and in Anthropic's
    /// dialect, and gives its message.
    pub fn assert_error(&self, status: u16, kind: &str, code: &str) -> String {
        let body = self.error_body(status);
        assert_eq!(body["type"], "error", "{body}");
        assert_eq!(body["error"]["type"], kind, "{body}");
        assert_eq!(body["error"]["code"], code, "{body}");
        self.error_message()
    }

    /// The same in any dialect; `kind` is Anthropic's word for it.
    pub fn assert_error_in(&self, dialect: Dialect, status: u16, kind: &str, code: &str) -> String {
        if dialect == Dialect::Anthropic {
            return self.assert_error(status, kind, code);
        }
        let body = self.error_body(status);
        check_openai(&body["error"]);
        assert_eq!(body["error"]["type"], openai_type(kind), "{body}");
        assert_eq!(body["error"]["code"], code, "{body}");
        assert!(
            body["type"].is_null(),
            "the envelope of another dialect: {body}"
        );
        if dialect == Dialect::OpenAi {
            let id = self.request_id();
            assert_eq!(self.header("x-request-id"), Some(id.as_str()));
        }
        self.error_message()
    }

    /// The message of an error in any dialect.
    pub fn error_message(&self) -> String {
        let body = self.json();
        let message = body["error"]["message"].as_str().unwrap_or_default();
        assert!(!message.is_empty(), "an error without a message: {body}");
        message.to_owned()
    }

    fn error_body(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        let body = self.json();
        assert_eq!(body["request_id"], self.request_id().as_str(), "{body}");
        let content_type = self.header("content-type").unwrap_or_default();
        assert!(
            content_type.starts_with("application/json"),
            "{content_type}"
        );
        body
    }
}
