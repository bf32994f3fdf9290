//! A founder's signature of a change, checked whole, and what follows from it.

use std::sync::Arc;

use jiff::Timestamp;

use super::activate::{ActivateError, Activated, Word};
use super::dsse::{Envelope, EnvelopeError};
use super::error::Internal;
use super::load::LoadedError;
use super::service::Lifecycle;
use super::statement::{PAYLOAD_TYPE, Statement, Subject, WindowError};
use crate::store::authorizations::{self, Authorization};
use crate::store::changes::ChangeState;
use crate::store::{ChangeId, now_us};

/// Why an authorization activates nothing.
#[derive(Debug, thiserror::Error)]
pub enum AuthorizeError {
    /// No founder signed it.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// It is signed, but not as an authorization.
    #[error("the payload type is `{0}`; sign under {PAYLOAD_TYPE}")]
    PayloadType(String),
    /// It is signed, but no statement.
    #[error(
        "the payload is not a statement about a change: {0}; sign with `ainfera plugin authorize`"
    )]
    Payload(String),
    /// It does not hold now.
    #[error(transparent)]
    Window(#[from] WindowError),
    /// No such change.
    #[error("there is no change {0}; `GET /admin/v1/changes` lists them")]
    UnknownChange(ChangeId),
    /// It activated something before.
    #[error(
        "the nonce of this authorization has been used; sign the change anew with `ainfera plugin authorize`"
    )]
    NonceUsed,
    /// It is about another change than the one it names.
    #[error(
        "the signed {0} is not the change's; look at the change's report again and sign it anew"
    )]
    Mismatch(&'static str),
    /// It was verified and signed on another engine.
    #[error(
        "the components were verified on another engine than this gateway's; look at the change's report again and sign it anew"
    )]
    Fingerprint,
    /// Another generation is active by now.
    #[error(
        "stale: the change replaces generation {base}, but generation {active} is active; propose the change again and sign that"
    )]
    Stale {
        /// The base of the change.
        base: i64,
        /// The active generation.
        active: i64,
    },
    /// The catalog has got a name since the change was proposed.
    #[error(
        "the change's resolver lists `{0}`, which is a model of the catalog by now and always called outright; propose one without it"
    )]
    CatalogName(String),
    /// A component that cannot be used.
    #[error(transparent)]
    Loaded(#[from] LoadedError),
    /// Nobody's mistake.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl Lifecycle {
    /// Activates the change that a founder signed. `text` is the envelope as it
    /// came, for the records.
    ///
    /// # Errors
    /// If the envelope is not that of an enrolled founder, or not about this
    /// change, this base, this engine and this time.
    pub async fn authorize(
        self: &Arc<Self>,
        envelope: &Envelope,
        text: &str,
    ) -> Result<Activated, AuthorizeError> {
        let (key_id, payload) = envelope.open(&self.founders().await?)?;
        if envelope.payload_type != PAYLOAD_TYPE {
            return Err(AuthorizeError::PayloadType(
                envelope.payload_type.chars().take(80).collect(),
            ));
        }
        let statement: Statement = serde_json::from_slice(&payload)
            .map_err(|error| AuthorizeError::Payload(error.to_string()))?;
        statement.holds(Timestamp::now())?;
        self.check(&statement).await?;
        let Subject {
            base,
            change,
            result,
            ..
        } = statement.subject();
        let set = self.library.set(result).await?;
        let authorization = Authorization {
            nonce: statement.nonce,
            change_id: change,
            key_id,
            envelope: text.to_owned(),
            accepted_us: now_us(),
        };
        self.activate(base.generation, set, Word::Founder(authorization))
            .await
            .map_err(|error| match error {
                ActivateError::Stale { expected, actual } => AuthorizeError::Stale {
                    base: expected,
                    active: actual,
                },
                ActivateError::NonceUsed => AuthorizeError::NonceUsed,
                ActivateError::CatalogName(name) => AuthorizeError::CatalogName(name),
                ActivateError::Internal(internal) => internal.into(),
            })
    }

    /// Whether `statement` is about a change that waits, exactly as it is.
    async fn check(&self, statement: &Statement) -> Result<(), AuthorizeError> {
        let id = statement.change();
        let change = self
            .change(id)
            .await?
            .ok_or(AuthorizeError::UnknownChange(id))?;
        let accepted = authorizations::of_change(self.store(), id)
            .await
            .map_err(Internal::from)?;
        if accepted
            .iter()
            .any(|earlier| earlier.nonce == statement.nonce)
        {
            return Err(AuthorizeError::NonceUsed);
        }
        compare(&statement.subject(), &change.subject)?;
        let (base, active) = (
            change.subject.base.generation,
            self.active.load().active.number,
        );
        if base != active || change.state != ChangeState::Proposed {
            return Err(AuthorizeError::Stale { base, active });
        }
        Ok(())
    }
}

fn compare(signed: &Subject, change: &Subject) -> Result<(), AuthorizeError> {
    let parts = [
        ("slots", signed.slots == change.slots),
        ("base", signed.base == change.base),
        ("result", signed.result == change.result),
        ("report hash", signed.report_sha256 == change.report_sha256),
    ];
    if let Some((part, _)) = parts.into_iter().find(|(_, same)| !same) {
        return Err(AuthorizeError::Mismatch(part));
    }
    if signed.fingerprint != change.fingerprint {
        return Err(AuthorizeError::Fingerprint);
    }
    Ok(())
}
