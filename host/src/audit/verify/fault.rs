//! What can be wrong with an audit.

use std::fmt;

use serde::Serialize;

/// A first thing that is wrong with a chain, or with the checkpoints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The chain, where it is one's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chain: Option<i64>,
    /// The place of the first event that is touched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seq: Option<i64>,
    /// The checkpoint, where it is one's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<i64>,
    /// In a word.
    pub fault: &'static str,
    /// In full.
    pub message: String,
}

/// What was done to the events of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A body is another one.
    Changed,
    /// A stored link is another one.
    LinkChanged,
    /// What the chain says that it continues is another one.
    BeginningChanged,
    /// Events up to this place are gone.
    Removed {
        /// The last one.
        to: i64,
    },
    /// So many events before the place are gone, and those after were numbered
    /// anew.
    RemovedAndRenumbered {
        /// How many.
        count: i64,
    },
    /// Events up to this place are not the chain's.
    Inserted {
        /// The last one.
        to: i64,
    },
    /// The event stands where another belongs, and that one where it does.
    Swapped {
        /// The other's place.
        with: i64,
    },
    /// The event belongs at this place.
    Moved {
        /// Where it belongs.
        from: i64,
    },
    /// The links are consistent, and others than were vouched for.
    Rewritten {
        /// Who vouched.
        by: String,
    },
    /// The events from here on, which were vouched for, are gone.
    Truncated {
        /// Who vouched.
        by: String,
    },
    /// The chain is not listed, but was.
    ChainRemoved {
        /// Who says so.
        by: String,
    },
    /// The chain is listed, but nobody says that it was begun.
    ChainInserted,
}

impl Fault {
    /// In a word.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Changed | Self::LinkChanged | Self::BeginningChanged => "changed",
            Self::Removed { .. } | Self::RemovedAndRenumbered { .. } => "removed",
            Self::Inserted { .. } => "inserted",
            Self::Swapped { .. } => "swapped",
            Self::Moved { .. } => "moved",
            Self::Rewritten { .. } => "rewritten",
            Self::Truncated { .. } => "truncated",
            Self::ChainRemoved { .. } => "chain_removed",
            Self::ChainInserted => "chain_inserted",
        }
    }

    /// As what is wrong at `seq` of `chain`.
    #[must_use]
    pub fn at(self, chain: i64, seq: i64) -> Problem {
        Problem {
            chain: Some(chain),
            seq: Some(seq),
            checkpoint: None,
            fault: self.name(),
            message: format!("audit chain {chain} is broken at event {seq}: {self}"),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed => f.write_str(
                "changed: its body is not the one that was linked (or events before it were removed and the rest numbered anew)",
            ),
            Self::LinkChanged => f.write_str("changed: its stored link is not the one that the next event continues"),
            Self::BeginningChanged => f.write_str("changed: the chain's stored beginning is not the link that its first event continues"),
            Self::Removed { to } => write!(f, "removed: it is missing, up to event {to}"),
            Self::RemovedAndRenumbered { count } => write!(
                f,
                "removed: {count} events before it are missing, and the rest were numbered anew"
            ),
            Self::Inserted { to } => write!(
                f,
                "inserted: it, up to event {to}, was not written by the gateway at this place"
            ),
            Self::Swapped { with } => write!(f, "swapped: it and event {with} stand in each other's place"),
            Self::Moved { from } => write!(f, "moved: it belongs at event {from}"),
            Self::Rewritten { by } => write!(
                f,
                "rewritten: {by} says that its link was another; it or events before it were changed, and the links made anew"
            ),
            Self::Truncated { by } => write!(
                f,
                "truncated: {by} vouches for events from here on that are missing, or were rewritten"
            ),
            Self::ChainRemoved { by } => write!(f, "removed: the chain is missing, but {by} names it"),
            Self::ChainInserted => f.write_str("inserted: no start of the gateway is on record for the chain"),
        }
    }
}
