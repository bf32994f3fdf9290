//! A Chat Completions request, read as far as the gateway needs it.

mod decode;
pub mod encode;
mod measure;
mod roles;
#[cfg(test)]
mod tests;
mod wire;

use serde_json::value::RawValue;

use self::measure::Measure;
use crate::dialect::body::{Edit, TopLevel};
use crate::dialect::fields::{self, given, wrong};
use crate::dialect::json;
use crate::dialect::openai::{MaxTokensField, Quirks};
use crate::dialect::{Head, RequestError, common};

const ASK_FOR_USAGE: &str = r#"{"include_usage":true}"#;

/// A Chat Completions request. Only what the gateway acts on is checked and
/// held; everything else stays in the body as it came.
#[derive(Debug)]
pub struct ChatRequest<'a> {
    /// What the gateway acts on.
    pub head: Head<'a>,
    /// Whether the client wants a stream to end with what it used.
    pub include_usage: bool,
    top: TopLevel<'a>,
    stream_options: Option<TopLevel<'a>>,
    /// The turns, where one is the developer's.
    developers: Option<&'a RawValue>,
}

impl<'a> ChatRequest<'a> {
    /// Reads a request body. Fails if it is no JSON object, if `model` or
    /// `messages` are missing or, with the other fields that the gateway reads,
    /// of another type, or if one of these occurs twice. A null is nothing.
    pub fn read(body: &'a [u8]) -> Result<Self, RequestError> {
        let top = TopLevel::parse(body)?;
        let model = fields::model(&top)?;
        let messages = fields::required_array(&top, "messages")?;
        let stream = fields::flag(&top, "stream")?;
        let stream_options = stream_options(&top)?;
        let include_usage = match &stream_options {
            Some(options) => include_usage(options)?,
            None => false,
        };
        let parts = measure::Parts {
            messages,
            tools: fields::array(&top, "tools")?,
            functions: fields::array(&top, "functions")?,
            effort: given(&top, "reasoning_effort")?,
        };
        let hint = top.get("routing_hint")?;
        let max_tokens = max_tokens(&top)?;
        let Measure { shape, developer } = measure::measure(&parts, max_tokens);
        let head = Head {
            model,
            stream,
            hint,
            shape,
        };
        Ok(Self {
            head,
            include_usage,
            top,
            stream_options,
            developers: developer.then_some(messages),
        })
    }

    /// Whether a stream's usage, which the gateway asks for, is to be kept from
    /// the client, which did not.
    pub fn hides_usage(&self) -> bool {
        self.head.stream && !self.include_usage
    }

    /// The body for a provider of the same dialect that has `quirks`. `model`
    /// is replaced, `routing_hint` removed, and a stream's usage asked for;
    /// where the provider takes only the other name of the output limit or of
    /// the operator's role, it gets that. Every other byte is as it came.
    pub fn for_upstream(&self, upstream_model: &str, quirks: &Quirks) -> Vec<u8> {
        let mut edit = self.top.edit();
        edit = edit.replace("model", json::text(upstream_model));
        edit = edit.remove("routing_hint");
        if self.hides_usage() && quirks.stream_usage {
            edit = self.asking_for_usage(edit);
        }
        edit = match quirks.max_tokens_field {
            MaxTokensField::Either => edit,
            MaxTokensField::MaxTokens => self.limit_as(edit, "max_completion_tokens", "max_tokens"),
            MaxTokensField::MaxCompletionTokens => {
                self.limit_as(edit, "max_tokens", "max_completion_tokens")
            }
        };
        if let Some(messages) = self.developers.filter(|_| !quirks.developer_role) {
            edit = edit.inside(roles::as_system(messages, self.top.span(messages)));
        }
        edit.finish()
    }

    /// The request in the form between dialects.
    ///
    /// # Errors
    /// If it is malformed in what [`ChatRequest::read`] passes over, or holds
    /// what no other dialect has and the answer would not be the same without.
    pub fn to_common(&self) -> Result<common::Request, RequestError> {
        decode::request(self.top.body(), self.head.shape.max_tokens)
    }

    fn asking_for_usage<'t>(&'t self, edit: Edit<'t, 'a>) -> Edit<'t, 'a> {
        const OPTIONS: &str = "stream_options";
        let Some(options) = &self.stream_options else {
            return if self.has(OPTIONS) {
                edit.replace(OPTIONS, ASK_FOR_USAGE)
            } else {
                edit.add(OPTIONS, ASK_FOR_USAGE)
            };
        };
        let asking = match options.get("include_usage") {
            Ok(Some(_)) => options.edit().replace("include_usage", "true"),
            _ => options.edit().add("include_usage", "true"),
        };
        let asking = String::from_utf8_lossy(&asking.finish()).into_owned();
        edit.replace(OPTIONS, asking)
    }

    /// Calls the output limit `wanted`. Where both names stand, one is null.
    fn limit_as<'t>(
        &'t self,
        edit: Edit<'t, 'a>,
        unwanted: &'static str,
        wanted: &'static str,
    ) -> Edit<'t, 'a> {
        let is_null = matches!(given(&self.top, unwanted), Ok(None));
        match (self.has(unwanted), self.has(wanted)) {
            (false, _) => edit,
            (true, false) => edit.rename(unwanted, wanted),
            (true, true) if is_null => edit.remove(unwanted),
            (true, true) => edit.remove(wanted).rename(unwanted, wanted),
        }
    }

    fn has(&self, field: &str) -> bool {
        matches!(self.top.get(field), Ok(Some(_)))
    }
}

fn stream_options<'a>(top: &TopLevel<'a>) -> Result<Option<TopLevel<'a>>, RequestError> {
    let Some(options) = given(top, "stream_options")? else {
        return Ok(None);
    };
    match TopLevel::parse(options.get().as_bytes()) {
        Ok(options) => Ok(Some(options)),
        Err(_) => Err(wrong("stream_options", "an object")),
    }
}

fn include_usage(options: &TopLevel<'_>) -> Result<bool, RequestError> {
    match given(options, "include_usage")?.map(RawValue::get) {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(wrong("stream_options.include_usage", "a boolean")),
    }
}

/// The output limit, by either name. OpenAI refuses a request that has both.
fn max_tokens(top: &TopLevel<'_>) -> Result<Option<u64>, RequestError> {
    let newer = fields::count(top, "max_completion_tokens")?;
    let older = fields::count(top, "max_tokens")?;
    if newer.is_some() && older.is_some() {
        let expected = "left out where `max_completion_tokens` is given";
        return Err(wrong("max_tokens", expected));
    }
    Ok(newer.or(older))
}
