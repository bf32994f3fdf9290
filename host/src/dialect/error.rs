//! Why a request can't be read or translated, and why an answer is none.

use super::body::BodyError;

/// Why a request can't be served as it stands. Always the client's to mend: a
/// 400, with this text as its message.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// The body is no JSON object that can be read.
    #[error(transparent)]
    Body(#[from] BodyError),
    /// A field that the gateway needs is not there.
    #[error("`{field}` is required")]
    Missing {
        /// The field, as a path from the top of the body.
        field: String,
    },
    /// A field that the gateway reads is not of its type.
    #[error("`{field}` must be {expected}")]
    Wrong {
        /// The field, as a path from the top of the body.
        field: String,
        /// What it has to be, as the end of a sentence.
        expected: &'static str,
    },
    /// The request breaks its dialect's form where a translation reads it.
    #[error("the request can't be translated for this model's provider: {0}")]
    Form(#[from] serde_json::Error),
    /// The request holds something that has no counterpart at the provider.
    #[error(
        "{what} can't be sent to this model's provider: remove it, or name a model whose provider takes it"
    )]
    Untranslatable {
        /// What it is and where it stands.
        what: String,
    },
}

/// Why a provider's 200 body is not an answer. The text is for the record and
/// for a 502.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the provider's answer can't be read: {reason}")]
pub struct NotAnAnswer {
    /// What is wrong with it; the provider's own words where it sent an error.
    pub reason: String,
}

impl NotAnAnswer {
    /// An answer that can't be read for `reason`.
    pub(super) fn because(reason: impl ToString) -> Self {
        Self {
            reason: reason.to_string(),
        }
    }
}
