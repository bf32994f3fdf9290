//! A client's request, whatever its dialect.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::anthropic::MessagesRequest;
use super::openai::ChatRequest;
use super::{Dialect, RequestError, Shape, common};

/// What the gateway acts on, in every dialect.
#[derive(Debug)]
pub struct Head<'a> {
    /// The model, as the caller named it; not empty.
    pub model: Cow<'a, str>,
    /// Whether the answer is to be streamed.
    pub stream: bool,
    /// The raw `routing_hint`, whatever its type.
    pub hint: Option<&'a RawValue>,
    /// What the engine needs to know.
    pub shape: Shape,
}

/// A client's request. Only what the gateway acts on is checked and held;
/// everything else stays in the body as it came.
#[derive(Debug)]
pub enum ClientRequest<'a> {
    /// `POST /v1/messages`.
    Anthropic(MessagesRequest<'a>),
    /// `POST /v1/chat/completions`.
    OpenaiChat(ChatRequest<'a>),
    /// `POST /v1/inferences`, whose request is a Chat Completions one.
    Native(ChatRequest<'a>),
}

impl<'a> ClientRequest<'a> {
    /// Reads a request body of `dialect`.
    ///
    /// # Errors
    /// If it is no JSON object, or something that the gateway reads is missing,
    /// of another type, or there twice.
    pub fn read(dialect: Dialect, body: &'a [u8]) -> Result<Self, RequestError> {
        Ok(match dialect {
            Dialect::Anthropic => Self::Anthropic(MessagesRequest::read(body)?),
            Dialect::OpenaiChat => Self::OpenaiChat(ChatRequest::read(body)?),
            Dialect::Native => Self::Native(ChatRequest::read(body)?),
        })
    }

    /// What it is written in.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        match self {
            Self::Anthropic(_) => Dialect::Anthropic,
            Self::OpenaiChat(_) => Dialect::OpenaiChat,
            Self::Native(_) => Dialect::Native,
        }
    }

    /// What the gateway acts on.
    #[must_use]
    pub fn head(&self) -> &Head<'a> {
        match self {
            Self::Anthropic(request) => &request.head,
            Self::OpenaiChat(request) | Self::Native(request) => &request.head,
        }
    }

    /// The request in the form between dialects.
    ///
    /// # Errors
    /// If it is malformed in what [`ClientRequest::read`] passes over, or holds
    /// what no other dialect has.
    pub fn to_common(&self) -> Result<common::Request, RequestError> {
        match self {
            Self::Anthropic(request) => request.to_common(),
            Self::OpenaiChat(request) | Self::Native(request) => request.to_common(),
        }
    }
}
