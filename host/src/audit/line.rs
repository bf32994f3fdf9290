//! The lines of an export: JSON, one object each. First every chain, then every
//! checkpoint, then the events in the order of their chains, then the end.

use serde::{Deserialize, Serialize};

use crate::store::audit::{AuditChain, StoredEvent, row_place};
use crate::store::checkpoints::CheckpointRow;
use crate::store::{AgentId, Digest, Json};

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// A chain.
    Chain(Chain),
    /// A signed checkpoint.
    Checkpoint(Checkpoint),
    /// An event of a chain.
    Event(Event),
    /// The last line, so that a file that was cut off shows.
    End(End),
}

/// A chain, and what it continues.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chain {
    /// Its number; 0 is the control chain.
    pub chain: i64,
    /// `control` or `writer`.
    pub kind: String,
    /// Microseconds since the Unix epoch.
    pub started_us: i64,
    /// The chain that it continues.
    pub previous_chain: Option<i64>,
    /// The link that its first event continues from.
    pub previous_link: Digest,
}

/// A checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// 1 for the first; without a gap.
    pub number: i64,
    /// The DSSE envelope.
    pub envelope: Json,
}

/// An event, by its body or by its digest alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its chain.
    pub chain: i64,
    /// Its place in the chain, 1 for the first.
    pub seq: i64,
    /// What happened, byte for byte.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Json>,
    /// SHA-256 of the body, where the body is not shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// SHA-256 of the link before and the digest; none where what is stored is
    /// no digest.
    pub link: Option<Digest>,
}

/// How much came before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// Chains.
    pub chains: u64,
    /// Checkpoints.
    pub checkpoints: u64,
    /// Events.
    pub events: u64,
}

impl End {
    /// Counts a line.
    pub fn count(&mut self, line: &Line) {
        match line {
            Line::Chain(_) => self.chains += 1,
            Line::Checkpoint(_) => self.checkpoints += 1,
            Line::Event(_) => self.events += 1,
            Line::End(_) => {}
        }
    }
}

impl Event {
    /// What its link is made of.
    #[must_use]
    pub fn digest(&self) -> Digest {
        match (&self.body, self.digest) {
            (Some(body), _) => Digest::of(body.as_bytes()),
            (None, digest) => digest.unwrap_or_default(),
        }
    }

    /// The same without its body, unless it is `agent`'s.
    #[must_use]
    pub fn shown_to(self, agent: AgentId) -> Self {
        match &self.body {
            Some(body) if !is_of(body, agent) => Self {
                digest: Some(self.digest()),
                body: None,
                ..self
            },
            _ => self,
        }
    }
}

/// Whether an event is this agent's own. `agent` is the first key of a
/// canonical body that has it.
#[must_use]
pub fn is_of(body: &str, agent: AgentId) -> bool {
    body.strip_prefix("{\"agent\":\"")
        .and_then(|rest| rest.strip_prefix(&*agent.to_string()))
        .is_some_and(|rest| rest.starts_with('"'))
}

impl From<AuditChain> for Line {
    fn from(row: AuditChain) -> Self {
        let AuditChain {
            chain,
            kind,
            started_us,
            previous_chain,
            previous_link,
        } = row;
        Self::Chain(Chain {
            chain,
            kind,
            started_us,
            previous_chain,
            previous_link,
        })
    }
}

impl From<CheckpointRow> for Line {
    fn from(row: CheckpointRow) -> Self {
        Self::Checkpoint(Checkpoint {
            number: row.number,
            envelope: Json(row.envelope),
        })
    }
}

impl From<StoredEvent> for Event {
    fn from(row: StoredEvent) -> Self {
        let (chain, seq) = row_place(row.id);
        Self {
            chain,
            seq,
            body: Some(Json(String::from_utf8_lossy(&row.body).into_owned())),
            digest: None,
            link: Digest::try_from(row.link).ok(),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::store::Key;

    const AGENT: AgentId = AgentId(Key(2));

    fn event(body: &str) -> Event {
        Event {
            chain: 1,
            seq: 2,
            body: Some(Json(body.to_owned())),
            digest: None,
            link: None,
        }
    }

    #[test]
    fn bodies_keep_every_byte() {
        for body in [r#"{"at":1,"data":{"a":"\u0001é"}}"#, "no JSON\n", "\"x\""] {
            let line = Line::Event(event(body));
            let text = serde_json::to_string(&line).unwrap();
            assert!(!text.contains('\n'));
            let read: Line = serde_json::from_str(&text).unwrap();
            let Line::Event(read) = read else {
                unreachable!("{text}")
            };
            // A body that is a JSON string is read as its text: no event is one.
            let same = read.digest() == event(body).digest();
            assert_eq!(same, body != "\"x\"", "{text}");
        }
    }

    #[test]
    fn another_agents_event_is_shown_by_its_digest() {
        let own = event(&format!(r#"{{"agent":"{AGENT}","at":1}}"#));
        assert_eq!(own.clone().shown_to(AGENT), own);
        for body in [
            r#"{"agent":"agt_0000000000000003","at":1}"#,
            r#"{"at":1,"data":{"agent":"agt_0000000000000002"}}"#,
            r#"{"agent":"agt_00000000000000021"}"#,
        ] {
            let shown = event(body).shown_to(AGENT);
            assert_eq!(shown.body, None, "{body}");
            assert_eq!(shown.digest(), event(body).digest());
        }
    }
}
