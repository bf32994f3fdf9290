//! A Messages request, read as far as the gateway needs it.

mod count;
mod decode;
pub mod encode;
mod measure;
#[cfg(test)]
mod tests;
mod unsigned;
mod wire;

use std::borrow::Cow;

use serde_json::value::RawValue;

use self::measure::Measure;
use crate::dialect::body::TopLevel;
use crate::dialect::fields::{self, missing};
use crate::dialect::json;
use crate::dialect::{Head, RequestError, common};

/// A Messages request. Only what the gateway acts on is checked and held;
/// everything else stays in the body as it came.
#[derive(Debug)]
pub struct MessagesRequest<'a> {
    /// What the gateway acts on.
    pub head: Head<'a>,
    /// Whether the client wants to see what the model thinks.
    pub shows_thinking: bool,
    top: TopLevel<'a>,
    /// The turns, where thinking that nobody signed has to be cut out of them.
    unsigned: Option<&'a RawValue>,
}

impl<'a> MessagesRequest<'a> {
    /// Reads a request body. Fails if it is no JSON object, if `model`,
    /// `max_tokens` or `messages` are missing or, with `stream` and `tools`,
    /// of another type, or if a key that the gateway reads occurs twice.
    pub fn read(body: &'a [u8]) -> Result<Self, RequestError> {
        let top = TopLevel::parse(body)?;
        let model = fields::model(&top)?;
        let max_tokens = fields::count(&top, "max_tokens")?.ok_or_else(|| missing("max_tokens"))?;
        let stream = fields::flag(&top, "stream")?;
        Self::of(top, model, stream, Some(max_tokens))
    }

    fn of(
        top: TopLevel<'a>,
        model: Cow<'a, str>,
        stream: bool,
        max_tokens: Option<u64>,
    ) -> Result<Self, RequestError> {
        let messages = fields::required_array(&top, "messages")?;
        let tools = fields::array(&top, "tools")?;
        let parts = measure::Parts {
            system: top.get("system")?,
            messages,
            tools,
            thinking: top.get("thinking")?,
        };
        let hint = top.get("routing_hint")?;
        let Measure {
            shape,
            unsigned,
            shows_thinking,
        } = measure::measure(&parts, max_tokens);
        let head = Head {
            model,
            stream,
            hint,
            shape,
        };
        let unsigned = unsigned.then_some(messages);
        Ok(Self {
            head,
            shows_thinking,
            top,
            unsigned,
        })
    }

    /// The body for a provider of the same dialect: `model` replaced,
    /// `routing_hint` and thinking that nobody signed removed, every other
    /// byte as it came.
    pub fn for_upstream(&self, upstream_model: &str) -> Vec<u8> {
        let model = json::text(upstream_model);
        let edit = self.top.edit().replace("model", model);
        let edit = edit.remove("routing_hint");
        match self.unsigned {
            Some(messages) => {
                let span = self.top.span(messages);
                edit.inside(unsigned::cut(self.top.body(), messages, span))
                    .finish()
            }
            None => edit.finish(),
        }
    }

    /// The request in the form between dialects. Fails where it is malformed
    /// in what [`MessagesRequest::read`] passes over, or holds what no other
    /// dialect has. Thinking and empty texts are left out.
    pub fn to_common(&self) -> Result<common::Request, RequestError> {
        decode::request(self.top.body(), self.head.shape.max_tokens)
    }
}
