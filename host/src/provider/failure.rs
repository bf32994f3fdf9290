//! How a call to a provider fails, and what that means for the next candidate.

use bytes::Bytes;

use crate::catalog::Offer;
use crate::dialect::relay::{self, StreamFailure};
use crate::dialect::{NotAnAnswer, RequestError};

/// A call that gave no answer and no first event.
#[derive(Debug, Clone)]
pub struct Failure {
    /// What happened.
    pub kind: FailureKind,
    /// The HTTP status that the provider gave, or that stands for its error.
    pub status: Option<u16>,
    /// What the provider said of when to come back.
    pub retry_after: Option<String>,
    /// What happened, in words.
    pub message: String,
    /// The provider's error body, where it speaks the client's dialect.
    pub body: Option<Bytes>,
    /// The provider's id of the request.
    pub upstream_request_id: Option<String>,
}

/// The ways a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// No connection, or it broke before an answer.
    Unreachable,
    /// It took too long.
    TimedOut,
    /// An HTTP error, or an error as the first event.
    Status,
    /// It answered 200 with what is no answer.
    Garbage,
    /// The request cannot be put into the provider's protocol.
    Untranslatable,
}

impl FailureKind {
    /// Its name in the record of attempts.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::TimedOut => "timed_out",
            Self::Status => "status",
            Self::Garbage => "garbage",
            Self::Untranslatable => "untranslatable",
        }
    }
}

impl Failure {
    /// A failure without a status.
    #[must_use]
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            status: None,
            retry_after: None,
            message: message.into(),
            body: None,
            upstream_request_id: None,
        }
    }

    /// No key is configured for the offer's provider.
    #[must_use]
    pub fn no_key(offer: &Offer) -> Self {
        let variable = offer.venue.key_env.as_deref().unwrap_or("its key variable");
        Self::new(
            FailureKind::Unreachable,
            format!(
                "no key is configured for provider `{}`; set {variable} and restart",
                offer.provider
            ),
        )
    }

    /// A 200 whose body is no answer. Where it is an error instead, that is
    /// what happened: `error` is its status, words and body.
    #[must_use]
    pub fn no_answer(why: &NotAnAnswer, error: Option<(u16, String, Option<Bytes>)>) -> Self {
        match error {
            Some((status, message, body)) => Self {
                status: Some(status),
                body,
                ..Self::new(FailureKind::Status, message)
            },
            None => Self::new(FailureKind::Garbage, why.to_string()),
        }
    }

    /// Whether the next candidate is tried. A provider that found the request
    /// itself at fault ends the call: the next one would say the same.
    #[must_use]
    pub fn moves_on(&self) -> bool {
        !matches!(
            (self.kind, self.status),
            (FailureKind::Status, Some(400 | 413 | 422))
        )
    }
}

/// A stream that failed before its first event.
impl From<StreamFailure> for Failure {
    fn from(failure: StreamFailure) -> Self {
        let (kind, status) = match failure.kind {
            relay::FailureKind::ProviderError => (FailureKind::Status, Some(failure.status)),
            relay::FailureKind::Died => (FailureKind::Unreachable, None),
            relay::FailureKind::Garbage => (FailureKind::Garbage, None),
        };
        Self {
            status,
            body: failure.own.map(|own| own.body),
            ..Self::new(kind, failure.message)
        }
    }
}

/// A request that the provider's protocol has no way to say.
impl From<RequestError> for Failure {
    fn from(error: RequestError) -> Self {
        Self::new(FailureKind::Untranslatable, error.to_string())
    }
}
