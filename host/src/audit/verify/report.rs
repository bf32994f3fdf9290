//! What a verification found.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Verifier;
use super::fault::{Fault, Problem};
use super::follow::Follow;
use crate::store::Digest;

/// What was verified, and what is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Whether nothing is wrong.
    pub verified: bool,
    /// What is wrong: of each chain the first thing, in the order of the chains.
    pub problems: Vec<Problem>,
    /// Every chain.
    pub chains: Vec<ChainReport>,
    /// The checkpoints.
    pub checkpoints: CheckpointReport,
}

/// A chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChainReport {
    /// Its number.
    pub chain: i64,
    /// How many events were verified.
    pub events: u64,
    /// How many of them are the agent's who was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_events: Option<u64>,
    /// How many of them are shown by their digest alone.
    pub digests_only: u64,
    /// The place of the last event.
    pub last: i64,
    /// Its link.
    pub link: Digest,
    /// The events after the last one that a checkpoint, or a chain that continues
    /// this one, vouches for: were they removed, nothing would show.
    pub after_checkpoint: i64,
}

/// The checkpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct CheckpointReport {
    /// How many there are.
    pub count: u64,
    /// The number of the last one.
    pub last: i64,
}

/// Something that is wrong with the lines themselves.
pub(super) fn form(message: &str) -> Problem {
    Problem {
        chain: None,
        seq: None,
        checkpoint: None,
        fault: "form",
        message: format!("the export is not whole: {message}"),
    }
}

/// The report of what `verifier` saw; `found` is what is wrong with chains
/// apart from their events.
pub(super) fn report(verifier: Verifier, mut found: BTreeMap<i64, (i64, Fault)>) -> Report {
    let continued: BTreeSet<i64> = verifier
        .chains
        .values()
        .filter_map(|state| state.row.as_ref()?.previous_chain)
        .collect();
    let mut chains = Vec::new();
    for (chain, state) in verifier.chains {
        let last = state.last();
        chains.push(ChainReport {
            chain,
            events: state.events,
            agent_events: verifier.options.agent.map(|_| state.own),
            digests_only: state.veiled,
            last: last.seq,
            link: last.link,
            after_checkpoint: if continued.contains(&chain) {
                0
            } else {
                (last.seq - verifier.anchors.last(chain)).max(0)
            },
        });
        if let Some(broken) = state.follow.and_then(Follow::fault) {
            // What is wrong with its beginning comes first.
            found.entry(chain).or_insert(broken);
        }
    }
    let mut problems: Vec<Problem> = found
        .into_iter()
        .map(|(chain, (seq, fault))| fault.at(chain, seq))
        .collect();
    problems.extend(verifier.problems);
    Report {
        verified: problems.is_empty(),
        problems,
        chains,
        checkpoints: CheckpointReport {
            count: verifier.notary.count,
            last: verifier.notary.last,
        },
    }
}
