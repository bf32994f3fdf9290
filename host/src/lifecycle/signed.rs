//! Who has signed a change.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::error::Internal;
use super::propose::Proposed;
use super::service::Lifecycle;
use super::statement::PAYLOAD_TYPE;
use super::tally;
use crate::store::changes::ChangeState;
use crate::store::{ChangeId, Tx, authorizations};

/// The founders who signed a change.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Signed {
    /// The change.
    #[schema(value_type = String, examples("chg_0379257800000003"))]
    pub change: ChangeId,
    /// The keys whose signatures count; once it was activated, those that did.
    pub signatures: BTreeSet<String>,
    /// How many it takes.
    pub threshold: usize,
}

impl Lifecycle {
    /// Who has signed a change.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn signed(&self, change: &Proposed) -> Result<Signed, Internal> {
        let mut tx = self.store().snapshot().await?;
        let waits = change.state == ChangeState::Proposed;
        self.tallied(&mut tx, change.subject.change, waits).await
    }

    /// The signatures of a change that count now; of one that waits no more,
    /// those that counted when the last came.
    pub(super) async fn tallied(
        &self,
        tx: &mut Tx,
        change: ChangeId,
        waits: bool,
    ) -> Result<Signed, Internal> {
        let mut founders = self.founders_in(tx).await?;
        let threshold = self.threshold(&founders);
        let accepted = authorizations::of_change(tx, change).await?;
        let last = accepted.last().filter(|_| !waits);
        let at = last.and_then(|last| Timestamp::from_microsecond(last.accepted_us).ok());
        if at.is_some() {
            // Whoever was revoked since had a say then.
            founders
                .iter_mut()
                .for_each(|founder| founder.revoked = false);
        }
        let envelopes = accepted.iter().map(|kept| &*kept.envelope);
        let now = at.unwrap_or_else(Timestamp::now);
        Ok(Signed {
            change,
            signatures: tally::standing(envelopes, PAYLOAD_TYPE, &founders, now),
            threshold,
        })
    }
}
