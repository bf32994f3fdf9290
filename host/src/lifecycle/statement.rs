//! What a founder signs: one change, as one report shows it, for one base, for
//! a while, once.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::window::{self, WindowError};
use crate::policy::Slot;
use crate::policy::set::Digests;
use crate::store::{ChangeId, Digest};

/// The payload type of the envelope.
pub const PAYLOAD_TYPE: &str = "application/vnd.ainfera.policy-change.v1+json";

/// A generation and what it is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Base {
    /// Its digests.
    pub digests: Digests,
    /// Its number.
    pub generation: i64,
}

/// What a statement is about: the same for everyone who signs a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Subject {
    /// What is replaced.
    pub base: Base,
    /// The change.
    #[schema(value_type = String, examples("chg_0379257800000003"))]
    pub change: ChangeId,
    /// The engine on which the components were verified.
    pub fingerprint: String,
    /// SHA-256 of the report's canonical JSON.
    pub report_sha256: Digest,
    /// The digests after it.
    pub result: Digests,
    /// The slots that it fills anew.
    pub slots: BTreeMap<Slot, Digest>,
}

/// The signed payload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    base: Base,
    change: ChangeId,
    fingerprint: String,
    /// 128 random bits, in hexadecimal digits.
    pub nonce: String,
    /// RFC 3339.
    pub not_after: Timestamp,
    /// RFC 3339.
    pub not_before: Timestamp,
    report_sha256: Digest,
    result: Digests,
    slots: BTreeMap<Slot, Digest>,
}

impl Statement {
    /// A statement about `subject` with a fresh nonce.
    ///
    /// # Errors
    /// If the system has no random numbers.
    pub fn new(
        subject: Subject,
        not_before: Timestamp,
        not_after: Timestamp,
    ) -> Result<Self, getrandom::Error> {
        let Subject {
            base,
            change,
            fingerprint,
            report_sha256,
            result,
            slots,
        } = subject;
        Ok(Self {
            base,
            change,
            fingerprint,
            nonce: window::nonce()?,
            not_after,
            not_before,
            report_sha256,
            result,
            slots,
        })
    }

    /// The change.
    #[must_use]
    pub fn change(&self) -> ChangeId {
        self.change
    }

    /// What it is about.
    #[must_use]
    pub fn subject(&self) -> Subject {
        Subject {
            base: self.base.clone(),
            change: self.change,
            fingerprint: self.fingerprint.clone(),
            report_sha256: self.report_sha256,
            result: self.result,
            slots: self.slots.clone(),
        }
    }

    /// Whether it holds at `now`.
    ///
    /// # Errors
    /// If it does not.
    pub fn holds(&self, now: Timestamp) -> Result<(), WindowError> {
        let window = (self.not_before, self.not_after);
        window::holds(&self.nonce, window, now)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::store::Key;

    const NOW: &str = "2026-03-01T12:00:00Z";

    fn statement(from: &str, to: &str) -> Statement {
        let digests = Digests {
            alias_resolver: Digest::of(b"a"),
            preference_dial: Digest::of(b"b"),
            floor_clamp: Digest::of(b"c"),
        };
        let subject = Subject {
            base: Base {
                digests,
                generation: 1,
            },
            change: ChangeId(Key(7)),
            fingerprint: "engine".into(),
            report_sha256: Digest::of(b"r"),
            result: digests,
            slots: BTreeMap::from([(Slot::PreferenceDial, Digest::of(b"b"))]),
        };
        Statement::new(subject, from.parse().unwrap(), to.parse().unwrap()).unwrap()
    }

    #[test]
    fn it_holds_within_its_window_and_a_minute_around() {
        let holds = |from, to| statement(from, to).holds(NOW.parse().unwrap());
        assert_eq!(
            holds("2026-03-01T11:00:00Z", "2026-03-01T13:00:00Z"),
            Ok(())
        );
        assert_eq!(
            holds("2026-03-01T12:01:00Z", "2026-03-01T13:00:00Z"),
            Ok(())
        );
        assert_eq!(
            holds("2026-03-01T11:00:00Z", "2026-03-01T11:59:00Z"),
            Ok(())
        );
        assert_eq!(
            holds("2026-02-26T12:00:00Z", "2026-03-05T12:00:00Z"),
            Ok(())
        );
        assert!(matches!(
            holds("2026-03-01T12:01:01Z", "2026-03-01T13:00:00Z"),
            Err(WindowError::NotYet(_))
        ));
        assert!(matches!(
            holds("2026-03-01T11:00:00Z", "2026-03-01T11:58:59Z"),
            Err(WindowError::Expired(_))
        ));
        assert!(matches!(
            holds("2026-02-26T12:00:00Z", "2026-03-05T12:00:01Z"),
            Err(WindowError::Length(..))
        ));
        assert!(matches!(
            holds("2026-03-01T13:00:00Z", "2026-03-01T11:00:00Z"),
            Err(WindowError::Length(..))
        ));
    }

    #[test]
    fn its_json_is_flat_and_exact() {
        let mut statement = statement(NOW, "2026-03-01T12:10:00Z");
        statement.nonce = "0".repeat(32);
        let text = serde_json_canonicalizer::to_string(&statement).unwrap();
        let keys: Vec<String> = serde_json::from_str::<BTreeMap<String, serde_json::Value>>(&text)
            .unwrap()
            .into_keys()
            .collect();
        assert_eq!(
            keys,
            [
                "base",
                "change",
                "fingerprint",
                "nonce",
                "not_after",
                "not_before",
                "report_sha256",
                "result",
                "slots"
            ]
        );
        assert!(
            text.contains(r#""not_before":"2026-03-01T12:00:00Z""#),
            "{text}"
        );
        assert_eq!(serde_json::from_str::<Statement>(&text).unwrap(), statement);
        let unknown = text.replacen('{', r#"{"also":1,"#, 1);
        assert!(serde_json::from_str::<Statement>(&unknown).is_err());
        let twice = text.replacen('{', r#"{"change":"chg_0000000000000008","#, 1);
        assert!(serde_json::from_str::<Statement>(&twice).is_err());
    }

    #[test]
    fn a_nonce_is_made_for_each() {
        assert_ne!(statement(NOW, NOW).nonce, statement(NOW, NOW).nonce);
    }
}
