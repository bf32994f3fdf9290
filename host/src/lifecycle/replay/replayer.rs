//! One decision after the other, and what comes of all.

use sha2::{Digest as _, Sha256};

use super::basis::{Basis, Unfit};
use super::counting::{Breaking, Pair};
use super::found::{Pinned, Replay};
use super::outcome::Outcome;
use crate::policy::PolicySet;
use crate::store::Digest;
use crate::store::calls::Inputs;

/// Decides what it is given again, by two sets, and counts what differs.
pub struct Replayer {
    before: PolicySet,
    after: PolicySet,
    first: Option<String>,
    last: Option<String>,
    ids: Sha256,
    decisions: u64,
    undecided: u64,
    unreadable: u64,
    as_recorded: Breaking,
    gate_open: Breaking,
}

impl Replayer {
    /// Compares `after` with `before`. Both are asked with a memory apart from
    /// that of live calls.
    #[must_use]
    pub fn new(before: &PolicySet, after: &PolicySet) -> Self {
        Self {
            before: before.apart(),
            after: after.apart(),
            first: None,
            last: None,
            ids: Sha256::new(),
            decisions: 0,
            undecided: 0,
            unreadable: 0,
            as_recorded: Breaking::default(),
            gate_open: Breaking::default(),
        }
    }

    /// Decisions looked at so far.
    #[must_use]
    pub fn seen(&self) -> u64 {
        self.decisions
    }

    /// Decides one again; the earlier first.
    pub fn add(&mut self, inputs: &Inputs) {
        let id = &inputs.request_id;
        self.decisions += 1;
        self.ids.update(id);
        self.ids.update("\n");
        self.first.get_or_insert_with(|| id.clone());
        self.last.get_or_insert_default().clone_from(id);
        let basis = match Basis::read(inputs) {
            Ok(basis) => basis,
            Err(Unfit::Undecided) => {
                self.undecided += 1;
                return;
            }
            Err(Unfit::Unreadable) => {
                self.unreadable += 1;
                return;
            }
        };
        let decide = |live| {
            Pair::of(
                Outcome::of(&basis, &self.before, live),
                Outcome::of(&basis, &self.after, live),
            )
        };
        let as_recorded = decide(basis.live);
        let gate_open = if basis.live || basis.explicit.is_some() {
            as_recorded.clone()
        } else {
            decide(true)
        };
        self.as_recorded
            .note(id, &inputs.agent_id, &basis, &as_recorded);
        self.gate_open
            .note(id, &inputs.agent_id, &basis, &gate_open);
    }

    /// What came of it.
    #[must_use]
    pub fn finish(self) -> Replay {
        Replay {
            window: Pinned {
                first: self.first,
                last: self.last,
                decisions: self.decisions,
                ids_sha256: Digest(self.ids.finalize().into()),
            },
            decided: self.decisions - self.undecided - self.unreadable,
            undecided: self.undecided,
            unreadable: self.unreadable,
            as_recorded: self.as_recorded.finish(),
            gate_open: self.gate_open.finish(),
        }
    }
}
