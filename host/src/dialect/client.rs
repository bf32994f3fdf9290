//! What a client speaks.

use bytes::Bytes;

use super::common::Answer;
use super::encode::Encoder;
use super::names::Names;
use super::{ErrorKind, anthropic, native, openai};

/// A client's dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Anthropic Messages.
    Anthropic,
    /// OpenAI Chat Completions.
    OpenaiChat,
    /// The gateway's own form.
    Native,
}

impl Dialect {
    /// An HTTP error body. `code` is the gateway's own, finer than the kind.
    #[must_use]
    pub fn error_body(
        self,
        kind: ErrorKind,
        code: &str,
        message: &str,
        request_id: &str,
    ) -> Vec<u8> {
        match self {
            Self::Anthropic => anthropic::error::body(kind, code, message, request_id),
            Self::OpenaiChat | Self::Native => openai::error::body(kind, code, message, request_id),
        }
    }

    /// The event that ends a broken stream.
    #[must_use]
    pub fn error_event(self, kind: ErrorKind, message: &str) -> Bytes {
        match self {
            Self::Anthropic => anthropic::error::event(kind, message),
            Self::OpenaiChat => openai::error::event(kind, message),
            Self::Native => native::error_event(kind, message),
        }
    }

    /// What keeps a stream alive while its provider is silent.
    #[must_use]
    pub fn ping(self) -> Bytes {
        match self {
            Self::Anthropic => anthropic::ping(),
            Self::OpenaiChat => openai::ping(),
            Self::Native => native::ping(),
        }
    }

    /// A writer of a streamed answer.
    #[must_use]
    pub fn encoder(self, names: Names) -> Box<dyn Encoder> {
        match self {
            Self::Anthropic => Box::new(anthropic::encode::EventEncoder::new(names)),
            Self::OpenaiChat => Box::new(openai::encode::EventEncoder::new(names)),
            Self::Native => Box::new(native::encode::EventEncoder::new(names)),
        }
    }

    /// A whole answer.
    #[must_use]
    pub fn answer(self, answer: &Answer, names: &Names) -> Vec<u8> {
        match self {
            Self::Anthropic => anthropic::answer::encode(answer, names),
            Self::OpenaiChat => openai::answer::encode(answer, names),
            Self::Native => native::answer::encode(answer, names),
        }
    }
}
