//! The dialects that clients speak, and calls in any of them.

use serde_json::Value;

use super::{Answer, Client, Heard, Streamed};
use crate::dialects::in_openai_form;

/// What a client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Anthropic Messages.
    Anthropic,
    /// OpenAI Chat Completions.
    OpenAi,
    /// The gateway's own form.
    Native,
}

impl Dialect {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Anthropic, Self::OpenAi, Self::Native];

    /// Where it is spoken.
    pub fn path(self) -> &'static str {
        match self {
            Self::Anthropic => "/v1/messages",
            Self::OpenAi => "/v1/chat/completions",
            Self::Native => "/v1/inferences",
        }
    }

    /// The dialect of a path.
    pub(super) fn of(path: &str) -> Self {
        let path = path.split('?').next().unwrap_or(path);
        match path {
            "/v1/chat/completions" => Self::OpenAi,
            "/v1/inferences" => Self::Native,
            _ => Self::Anthropic,
        }
    }

    /// A request in Anthropic's form as this dialect has it.
    pub fn body(self, request: &Value) -> Value {
        match self {
            Self::Anthropic => request.clone(),
            Self::OpenAi | Self::Native => in_openai_form(request),
        }
    }
}

/// `body` with `"stream": stream`.
pub fn streamed(body: &Value, stream: bool) -> Value {
    let mut body = body.clone();
    body["stream"] = stream.into();
    body
}

impl Client {
    /// A call in `dialect` of a request in Anthropic's form, read as one answer
    /// whether it is streamed or not.
    pub async fn call(&self, dialect: Dialect, request: &Value) -> Answer {
        let body = dialect.body(request).to_string();
        self.post_bytes(dialect.path(), body).await
    }

    /// The same call not streamed and streamed, each as one answer: errors before
    /// the first event are HTTP errors in both.
    pub async fn call_both(&self, dialect: Dialect, request: &Value) -> [Answer; 2] {
        [
            self.call(dialect, &streamed(request, false)).await,
            self.call(dialect, &streamed(request, true)).await,
        ]
    }

    /// A streamed call in `dialect` of a request in Anthropic's form. In OpenAI's
    /// dialect it asks for the usage.
    pub async fn call_stream(&self, dialect: Dialect, request: &Value) -> Streamed {
        let mut body = streamed(&dialect.body(request), true);
        if dialect == Dialect::OpenAi {
            body["stream_options"] = serde_json::json!({"include_usage": true});
        }
        let streaming = self.open(dialect.path(), body.to_string()).await;
        streaming.rest().await
    }

    /// A call that must succeed, checked by the rules of the dialect: what was
    /// heard, in Anthropic's form whatever the dialect.
    pub async fn hear(&self, dialect: Dialect, request: &Value, stream: bool) -> Heard {
        if stream {
            let answer = self.call_stream(dialect, request).await;
            let text = String::from_utf8_lossy(&answer.raw);
            assert_eq!(answer.status, 200, "{dialect:?}: {text}");
            let heard = Heard::of_stream(dialect, &answer);
            assert!(heard.error.is_none(), "{heard:?}");
            heard
        } else {
            let answer = self.call(dialect, &streamed(request, false)).await;
            assert_eq!(answer.status, 200, "{dialect:?}: {}", answer.text());
            Heard::of_answer(dialect, &answer)
        }
    }
}
