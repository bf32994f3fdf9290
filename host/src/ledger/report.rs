//! What a verification found.

use std::collections::BTreeMap;

use serde::Serialize;

/// What can be wrong with the books.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A call holds or is charged what its own record does not warrant.
    Call,
    /// A call ended that never began.
    Orphan,
    /// An account whose parts do not sum to 0.
    Unbalanced,
    /// An account that is not what its calls and top-ups make.
    Account,
    /// An agent's day that is not what its calls make.
    Day,
    /// An amount that the audit has otherwise.
    Audit,
}

/// What is wrong of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// What kind.
    pub kind: Kind,
    /// The first one, in words: which row, and what it should say.
    pub first: String,
    /// How many there are; of amounts that differ from the audit, at least.
    pub count: u64,
}

/// What a verification found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Whether nothing is wrong.
    pub verified: bool,
    /// Calls, of which money was held or not.
    pub calls: u64,
    /// Calls that money is held for.
    pub pending: u64,
    /// Top-ups.
    pub top_ups: u64,
    /// Accounts.
    pub accounts: u64,
    /// Days of agents.
    pub days: u64,
    /// Audit events that were compared with.
    pub audit_events: u64,
    /// What is wrong, one of each kind.
    pub problems: Vec<Problem>,
}

/// Problems as they are found: the first of each kind, and how many.
#[derive(Debug, Default)]
pub(super) struct Problems(BTreeMap<Kind, (String, u64)>);

impl Problems {
    /// One more; `what` is only asked for the first of its kind.
    pub(super) fn add(&mut self, kind: Kind, what: impl FnOnce() -> String) {
        let (_, count) = self.0.entry(kind).or_insert_with(|| (what(), 0));
        *count += 1;
    }

    /// All of them.
    pub(super) fn into_vec(self) -> Vec<Problem> {
        self.0
            .into_iter()
            .map(|(kind, (first, count))| Problem { kind, first, count })
            .collect()
    }
}
