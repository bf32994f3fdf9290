//! Whose signatures count. Always found out from the envelopes themselves: what
//! no founder's key verifies is no signature, whatever the database says.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Deserialize;

use super::dsse::Envelope;
use super::keys::FounderKey;
use super::window;

/// What every statement has.
#[derive(Deserialize)]
struct Statement {
    not_after: Timestamp,
}

/// The keys of `founders` whose signatures of a statement of this type stand in
/// `envelopes` (JSON) and have not expired at `now`.
pub(super) fn standing<'a>(
    envelopes: impl IntoIterator<Item = &'a str>,
    payload_type: &str,
    founders: &[FounderKey],
    now: Timestamp,
) -> BTreeSet<String> {
    let signers = |text| {
        let envelope: Envelope = serde_json::from_str(text).ok()?;
        let (signers, payload) = envelope.open(founders).ok()?;
        let statement: Statement = serde_json::from_slice(&payload).ok()?;
        let holds =
            envelope.payload_type == payload_type && !window::over(statement.not_after, now);
        holds.then_some(signers)
    };
    envelopes
        .into_iter()
        .filter_map(signers)
        .flatten()
        .collect()
}

/// How many founders have to sign: as many as the operator asks for, but no more
/// than there are.
pub(super) fn needed(threshold: usize, founders: &[FounderKey]) -> usize {
    let live = founders.iter().filter(|founder| !founder.revoked).count();
    threshold.min(live).max(1)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use ed25519_dalek::SigningKey;

    use super::*;
    use crate::lifecycle::keys;

    fn founder(seed: u8, revoked: bool) -> (SigningKey, FounderKey) {
        let key = SigningKey::from_bytes(&[seed; 32]);
        let public = key.verifying_key();
        let founder = FounderKey {
            id: keys::id(&public),
            key: public,
            revoked,
        };
        (key, founder)
    }

    #[test]
    fn what_expired_was_revoked_or_is_another_type_counts_for_nothing() {
        let (one, first) = founder(1, false);
        let (two, second) = founder(2, false);
        let (three, third) = founder(3, true);
        let text = |key, kind, not_after: &str| {
            let payload = format!(r#"{{"not_after":"{not_after}"}}"#);
            serde_json::to_string(&Envelope::sign(key, kind, payload.as_bytes())).unwrap()
        };
        let (later, earlier) = ("2026-03-01T12:00:00Z", "2026-03-01T10:00:00Z");
        let envelopes = [
            text(&one, "t", later),
            text(&one, "t", later),
            text(&two, "t", earlier),
            text(&two, "other", later),
            text(&three, "t", later),
            "{}".to_owned(),
        ];
        let founders = [first.clone(), second, third];
        let envelopes = envelopes.iter().map(String::as_str);
        let now = "2026-03-01T11:00:00Z".parse().unwrap();
        let counted = standing(envelopes, "t", &founders, now);
        assert_eq!(counted, BTreeSet::from([first.id]));
        assert_eq!(needed(1, &founders), 1);
        assert_eq!(needed(3, &founders), 2, "a revoked key signs nothing");
        assert_eq!(needed(3, &[]), 1);
    }
}
