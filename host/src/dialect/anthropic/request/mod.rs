//! A Messages request, read as far as the gateway needs it.

mod decode;
mod measure;
#[cfg(test)]
mod tests;
mod wire;

use std::borrow::Cow;

use serde_json::value::RawValue;

use crate::dialect::body::TopLevel;
use crate::dialect::json::{self, Text};
use crate::dialect::{RequestError, Shape, common};

/// A Messages request. Only what the gateway acts on is checked and held;
/// everything else stays in the body as it came.
#[derive(Debug)]
pub struct MessagesRequest<'a> {
    /// The model, as the caller named it; not empty.
    pub model: Cow<'a, str>,
    /// Whether the answer is to be streamed.
    pub stream: bool,
    /// The raw `routing_hint`, whatever its type.
    pub hint: Option<&'a RawValue>,
    /// What the engine needs to know.
    pub shape: Shape,
    top: TopLevel<'a>,
}

impl<'a> MessagesRequest<'a> {
    /// Reads a request body. Fails if it is no JSON object, if `model`,
    /// `max_tokens` or `messages` are missing or, with `stream` and `tools`,
    /// of another type, or if a key that the gateway reads occurs twice.
    pub fn read(body: &'a [u8]) -> Result<Self, RequestError> {
        let top = TopLevel::parse(body)?;
        let model = model(required(&top, "model")?)?;
        let max_tokens = max_tokens(required(&top, "max_tokens")?)?;
        let messages = array("messages", required(&top, "messages")?)?;
        let stream = match top.get("stream")?.map(RawValue::get) {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => return Err(wrong("stream", "a boolean")),
        };
        let tools = top.get("tools")?;
        let tools = tools.map(|tools| array("tools", tools)).transpose()?;
        let parts = measure::Parts {
            system: top.get("system")?,
            messages,
            tools,
            thinking: top.get("thinking")?,
        };
        Ok(Self {
            model,
            stream,
            hint: top.get("routing_hint")?,
            shape: measure::shape(&parts, max_tokens),
            top,
        })
    }

    /// The body for a provider of the same dialect: `model` replaced,
    /// `routing_hint` removed, every other byte as it came.
    pub fn for_upstream(&self, upstream_model: &str) -> Vec<u8> {
        let model = json::text(upstream_model);
        let edit = self.top.edit().replace("model", &model);
        edit.remove("routing_hint").finish()
    }

    /// The request in the form between dialects. Fails where it is malformed
    /// in what [`MessagesRequest::read`] passes over, or holds what no other
    /// dialect has. Thinking and empty texts are left out.
    pub fn to_common(&self) -> Result<common::Request, RequestError> {
        decode::request(self.top.body(), self.shape.max_tokens)
    }
}

fn required<'a>(top: &TopLevel<'a>, field: &str) -> Result<&'a RawValue, RequestError> {
    top.get(field)?.ok_or_else(|| missing(field))
}

fn model(raw: &RawValue) -> Result<Cow<'_, str>, RequestError> {
    match serde_json::from_str(raw.get()) {
        Ok(Text(model)) if !model.is_empty() => Ok(model),
        _ => Err(wrong("model", "a string that is not empty")),
    }
}

fn max_tokens(raw: &RawValue) -> Result<u64, RequestError> {
    match raw.get().parse() {
        Ok(0) | Err(_) => Err(wrong("max_tokens", "a positive integer")),
        Ok(tokens) => Ok(tokens),
    }
}

fn array<'a>(field: &str, raw: &'a RawValue) -> Result<&'a RawValue, RequestError> {
    if raw.get().starts_with('[') {
        Ok(raw)
    } else {
        Err(wrong(field, "an array"))
    }
}

fn missing(field: impl Into<String>) -> RequestError {
    RequestError::Missing {
        field: field.into(),
    }
}

fn wrong(field: impl Into<String>, expected: &'static str) -> RequestError {
    RequestError::Wrong {
        field: field.into(),
        expected,
    }
}
