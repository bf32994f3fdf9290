//! A founder's signature of a change, checked whole, and what follows from it.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::activate::{self, ActivateError, Activated, Word};
use super::dsse::{Envelope, EnvelopeError};
use super::error::Internal;
use super::load::LoadedError;
use super::service::Lifecycle;
use super::signed::Signed;
use super::statement::{PAYLOAD_TYPE, Statement, Subject};
use super::window::WindowError;
use crate::policy::PolicySet;
use crate::record::audit::{self, Event, EventName};
use crate::store::authorizations::{self, Authorization};
use crate::store::changes::ChangeState;
use crate::store::{ChangeId, StoreError, Tx, generations, now_us};

/// A change that enough founders signed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Carried {
    /// What became active.
    #[serde(flatten)]
    pub activated: Activated,
    /// Who signed.
    #[serde(flatten)]
    pub signed: Signed,
}

/// What came of an authorization.
#[derive(Clone, Debug)]
pub enum Authorized {
    /// The change is active.
    Active(Carried),
    /// More founders have to sign.
    Waiting(Signed),
}

/// Why an authorization is not accepted.
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
    /// Its set was revoked since the change was proposed.
    #[error(
        "the change's set of components is revoked; a founder restores it with `DELETE /admin/v1/policy/generations/{{generation}}/revocation`"
    )]
    Revoked,
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

/// An envelope that founders signed, to be kept.
struct Accepted {
    authorization: Authorization,
    signers: BTreeSet<String>,
}

impl From<ActivateError> for AuthorizeError {
    fn from(error: ActivateError) -> Self {
        match error {
            ActivateError::Stale { expected, actual } => Self::Stale {
                base: expected,
                active: actual,
            },
            ActivateError::Revoked => Self::Revoked,
            ActivateError::CatalogName(name) => Self::CatalogName(name),
            ActivateError::Internal(internal) => internal.into(),
        }
    }
}

impl Lifecycle {
    /// Takes founders' signatures of a change, and activates it where there are
    /// enough.
    ///
    /// # Errors
    /// If the envelope is not that of an enrolled founder, or not about this
    /// change, this base, this engine and this time.
    pub async fn authorize(
        self: &Arc<Self>,
        envelope: &Envelope,
    ) -> Result<Authorized, AuthorizeError> {
        let (signers, payload) = envelope.open(&self.founders().await?)?;
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
            key_id: signers.first().cloned().unwrap_or_default(),
            envelope: serde_json::to_string(envelope).map_err(Internal::from)?,
            accepted_us: now_us(),
        };
        let accepted = Accepted {
            authorization,
            signers,
        };
        let this = Arc::clone(self);
        // A caller that goes away does not stop it between commit and memory.
        let act = async move { this.countersign(base.generation, set, accepted).await };
        tokio::spawn(act).await.map_err(Internal::from)?
    }

    /// Keeps the envelope, and activates `set` after `base` if that makes enough
    /// signatures: one commit.
    async fn countersign(
        &self,
        base: i64,
        set: Arc<PolicySet>,
        accepted: Accepted,
    ) -> Result<Authorized, AuthorizeError> {
        let _turn = self.turn.lock().await;
        self.free_of_models(&set)?;
        let started = now_us();
        let mut tx = self.store().begin().await.map_err(Internal::from)?;
        keep(&mut tx, &accepted).await?;
        let active = generations::newest(&mut tx).await.map_err(Internal::from)?;
        if active != base {
            return Err(AuthorizeError::Stale { base, active });
        }
        let change = accepted.authorization.change_id;
        let signed = self.tallied(&mut tx, change, true).await?;
        if signed.signatures.len() < signed.threshold {
            tx.commit().await.map_err(Internal::from)?;
            return Ok(Authorized::Waiting(signed));
        }
        let word = Word::Founders {
            change,
            keys: signed.signatures.clone(),
        };
        let written = activate::write(&mut tx, base, set.digests(), &word).await?;
        tx.commit().await.map_err(Internal::from)?;
        let activated = self.put_into_force(set, written, started, &word).await;
        Ok(Authorized::Active(Carried { activated, signed }))
    }

    /// Whether `statement` is about a change that waits, exactly as it is.
    async fn check(&self, statement: &Statement) -> Result<(), AuthorizeError> {
        let id = statement.change();
        let change = self
            .change(id)
            .await?
            .ok_or(AuthorizeError::UnknownChange(id))?;
        let mut tx = self.store().snapshot().await.map_err(Internal::from)?;
        let accepted = authorizations::of_change(&mut tx, id)
            .await
            .map_err(Internal::from)?;
        drop(tx);
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

/// Keeps an envelope, and says in the audit who signed.
async fn keep(tx: &mut Tx, accepted: &Accepted) -> Result<(), AuthorizeError> {
    let Accepted {
        authorization,
        signers,
    } = accepted;
    authorizations::insert(tx, authorization)
        .await
        .map_err(|error| match error {
            StoreError::Duplicate { .. } => AuthorizeError::NonceUsed,
            other => Internal::Store(other).into(),
        })?;
    let (change, nonce) = (authorization.change_id, &authorization.nonce);
    for key in signers {
        let data = json!({"change": change, "key": key, "nonce": nonce});
        audit::append(tx, &Event::new(EventName::PolicyAuthorized, data))
            .await
            .map_err(Internal::from)?;
    }
    Ok(())
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
