//! Changing the founders' keys, on the founders' word.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::dsse::{Envelope, EnvelopeError};
use super::error::Internal;
use super::keyring::{KeyringError, PAYLOAD_TYPE, Plan, Statement};
use super::service::Lifecycle;
use super::window::WindowError;
use super::{founders, tally};
use crate::record::audit::{self, Event, EventName};
use crate::store::{StoreError, Tx, authorizations, now_us};

/// The founders who signed a change of the keys.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct KeysSigned {
    /// Whether it was carried out: enough have signed.
    pub done: bool,
    /// The keys whose signatures count.
    pub signatures: BTreeSet<String>,
    /// How many it takes.
    pub threshold: usize,
}

/// Why the keys stay as they are.
#[derive(Debug, thiserror::Error)]
pub enum RotateError {
    /// The operator's variable is in force.
    #[error(
        "the founder keys are set by {}; change them there and restart",
        founders::VARIABLE
    )]
    Fixed,
    /// No founder signed it.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// It is signed, but not as a change of the keys.
    #[error("the payload type is `{0}`; sign under {PAYLOAD_TYPE}")]
    PayloadType(String),
    /// It is signed, but no statement.
    #[error(
        "the payload is not a statement about founder keys: {0}; sign with `ainfera founder rotate`"
    )]
    Payload(String),
    /// It does not hold now.
    #[error(transparent)]
    Window(#[from] WindowError),
    /// It has been used.
    #[error("the nonce of this envelope has been used; sign it anew with `ainfera founder rotate`")]
    NonceUsed,
    /// It cannot be carried out.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// Nobody's mistake.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl Lifecycle {
    /// Takes founders' signatures of a change of their keys, and makes it where
    /// there are enough. They count from the next authorization on.
    ///
    /// # Errors
    /// If the envelope is not that of an enrolled founder, or not about the keys
    /// as they are.
    pub async fn rotate_founders(&self, envelope: &Envelope) -> Result<KeysSigned, RotateError> {
        if self.fixed_founders.is_some() {
            return Err(RotateError::Fixed);
        }
        let mut tx = self.store().begin().await.map_err(Internal::from)?;
        let founders = self.founders_in(&mut tx).await?;
        let (signers, payload) = envelope.open(&founders)?;
        if envelope.payload_type != PAYLOAD_TYPE {
            return Err(RotateError::PayloadType(
                envelope.payload_type.chars().take(80).collect(),
            ));
        }
        let statement: Statement = serde_json::from_slice(&payload)
            .map_err(|error| RotateError::Payload(error.to_string()))?;
        let now = Timestamp::now();
        statement.holds(now)?;
        let threshold = self.threshold(&founders);
        let plan = statement.plan(&founders, threshold)?;
        keep(&mut tx, envelope, &statement.nonce, &plan, &signers).await?;
        let envelopes = authorizations::of_founders(&mut tx, plan.subject)
            .await
            .map_err(Internal::from)?;
        let envelopes = envelopes.iter().map(String::as_str);
        let signatures = tally::standing(envelopes, PAYLOAD_TYPE, &founders, now);
        let done = signatures.len() >= threshold;
        if done {
            carry_out(&mut tx, &plan, &founders::actor(&signatures)).await?;
        }
        tx.commit().await.map_err(Internal::from)?;
        Ok(KeysSigned {
            done,
            signatures,
            threshold,
        })
    }
}

/// Keeps an envelope, and says in the audit who signed.
async fn keep(
    tx: &mut Tx,
    envelope: &Envelope,
    nonce: &str,
    plan: &Plan,
    signers: &BTreeSet<String>,
) -> Result<(), RotateError> {
    let text = serde_json::to_string(envelope).map_err(Internal::from)?;
    authorizations::insert_of_founders(tx, nonce, plan.subject, &text, now_us())
        .await
        .map_err(|error| match error {
            StoreError::Duplicate { .. } => RotateError::NonceUsed,
            other => Internal::Store(other).into(),
        })?;
    let add: Vec<_> = plan.add.iter().map(|key| &key.id).collect();
    for key in signers {
        let data = json!({"add": add, "key": key, "nonce": nonce, "revoke": plan.revoke});
        audit::append(tx, &Event::new(EventName::FoundersAuthorized, data))
            .await
            .map_err(Internal::from)?;
    }
    Ok(())
}

async fn carry_out(tx: &mut Tx, plan: &Plan, actor: &str) -> Result<(), Internal> {
    for id in &plan.revoke {
        founders::revoke(tx, id, actor).await?;
    }
    for key in &plan.add {
        founders::enrol(tx, key, actor).await?;
    }
    Ok(())
}
