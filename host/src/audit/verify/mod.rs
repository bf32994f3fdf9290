//! Verifies an audit, line by line, in one pass and in little memory.

mod anchors;
mod fault;
mod follow;
mod notary;
mod report;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::Deserialize;

pub use self::fault::{Fault, Problem};
pub use self::report::{ChainReport, CheckpointReport, Report};

use self::anchors::{Anchors, Source};
use self::follow::{Follow, Link};
use self::notary::Notary;
use super::line::{self, Line, is_of};
use crate::lifecycle::keys::FounderKey;
use crate::record::audit::{EventName, Head};
use crate::store::audit::CONTROL_CHAIN;
use crate::store::{AgentId, Digest};

/// A place in a chain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The chain.
    pub chain: i64,
    /// The event.
    pub seq: i64,
}

/// What to verify, and by whose word.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Whose signatures under checkpoints count.
    pub keys: Vec<FounderKey>,
    /// Links that are known from elsewhere.
    pub heads: Vec<(i64, Head)>,
    /// Where to begin: what is before is believed.
    pub from: Place,
    /// Whose events to count.
    pub agent: Option<AgentId>,
}

/// An audit that is being verified.
pub struct Verifier {
    options: Options,
    chains: BTreeMap<i64, State>,
    anchors: Anchors,
    notary: Notary,
    /// What the control chain says of the starts: each writer's chain and the
    /// link that it continues.
    started: BTreeMap<i64, Digest>,
    /// Whether an event of the control chain was shown by its digest alone.
    veiled: bool,
    seen: line::End,
    problems: Vec<Problem>,
    ended: bool,
}

/// What is known of a chain.
struct State {
    row: Option<line::Chain>,
    follow: Option<Follow>,
    events: u64,
    own: u64,
    veiled: u64,
}

/// What a start says of itself in the control chain.
#[derive(Deserialize)]
struct Started {
    data: Start,
}

#[derive(Deserialize)]
struct Start {
    chain: i64,
    previous_link: Digest,
}

impl Verifier {
    /// Nothing is known yet but what `options` say.
    #[must_use]
    pub fn new(options: Options) -> Self {
        let mut anchors = Anchors::default();
        let mut problems = Vec::new();
        for (chain, head) in &options.heads {
            if !anchors.add(*chain, *head, Source::Operator) {
                let by = Source::Operator.name();
                problems.push(Fault::Rewritten { by }.at(*chain, head.seq));
            }
        }
        Self {
            options,
            chains: BTreeMap::new(),
            anchors,
            notary: Notary::default(),
            started: BTreeMap::new(),
            veiled: false,
            seen: line::End::default(),
            problems,
            ended: false,
        }
    }

    /// The next line.
    pub fn take(&mut self, line: &Line) {
        if self.ended {
            self.problems
                .push(report::form("there are lines after the end"));
        }
        self.seen.count(line);
        match line {
            Line::Chain(row) => {
                let state = self.chains.entry(row.chain).or_insert_with(State::new);
                if state.row.replace(row.clone()).is_some() || state.events > 0 {
                    let wrong = format!("chain {} is not listed once, and first", row.chain);
                    self.problems.push(report::form(&wrong));
                }
            }
            Line::Checkpoint(checkpoint) => {
                if self.seen.events > 0 {
                    let wrong = "a checkpoint stands after the events";
                    self.problems.push(report::form(wrong));
                }
                let (keys, anchors) = (&self.options.keys, &mut self.anchors);
                self.problems
                    .extend(self.notary.take(checkpoint, keys, anchors));
            }
            Line::Event(event) => self.event(event),
            Line::End(end) => {
                self.ended = true;
                if *end != self.seen {
                    let wrong = "its last line counts other lines than there are";
                    self.problems.push(report::form(wrong));
                }
            }
        }
    }

    fn event(&mut self, event: &line::Event) {
        let state = self.chains.entry(event.chain).or_insert_with(State::new);
        let link = Link {
            seq: event.seq,
            digest: event.digest(),
            // What is no digest is none that continues anything.
            link: event.link.unwrap_or_default(),
        };
        let from = self.options.from;
        let follow = match &mut state.follow {
            Some(follow) => follow,
            None if from.chain == event.chain && from.seq > 1 => {
                // The one before, which is believed.
                let head = Head {
                    seq: link.seq,
                    link: link.link,
                };
                if head.seq + 1 == from.seq {
                    state.follow = Some(Follow::new(event.chain, head));
                    return;
                }
                let head = Head {
                    seq: from.seq - 1,
                    link: Digest::default(),
                };
                state.follow.insert(Follow::new(event.chain, head))
            }
            None => {
                let beginning = state.beginning();
                state.follow.insert(Follow::new(event.chain, beginning))
            }
        };
        follow.event(link, &self.anchors);
        state.events += 1;
        let Some(body) = &event.body else {
            state.veiled += 1;
            self.veiled |= event.chain == CONTROL_CHAIN;
            return;
        };
        state.own += u64::from(self.options.agent.is_some_and(|agent| is_of(body, agent)));
        if event.chain == CONTROL_CHAIN
            && body.contains(EventName::GatewayStarted.as_str())
            && let Ok(Started { data }) = serde_json::from_str(body)
        {
            self.started.insert(data.chain, data.previous_link);
        }
    }

    /// What was found, after the last line.
    #[must_use]
    pub fn finish(mut self) -> Report {
        let mut found = BTreeMap::new();
        self.beginnings(&mut found);
        self.ends(&mut found);
        report::report(self, found)
    }

    /// Chains that are not listed, not begun, or begun elsewhere than they say.
    fn beginnings(&mut self, found: &mut BTreeMap<i64, (i64, Fault)>) {
        let from = self.options.from.chain;
        let control = from <= CONTROL_CHAIN && !self.veiled;
        for (&chain, state) in &self.chains {
            let Some(row) = &state.row else {
                let by = "the events of it".to_owned();
                found.insert(chain, (1, Fault::ChainRemoved { by }));
                continue;
            };
            let named = self.started.get(&chain);
            if chain != CONTROL_CHAIN && control && named.is_none() {
                found.insert(chain, (1, Fault::ChainInserted));
            } else if named.is_some_and(|link| *link != row.previous_link)
                || (row.previous_chain.is_none() && row.previous_link != Digest::default())
                || self.anchors.against(chain, state.beginning()).is_some()
            {
                found.insert(chain, (1, Fault::BeginningChanged));
            }
        }
        let started = self.started.keys().map(|chain| {
            let by = format!("`{}` of the control chain", EventName::GatewayStarted);
            (*chain, by)
        });
        let continued = self.chains.iter().filter_map(|(chain, state)| {
            let previous = state.row.as_ref()?.previous_chain?;
            Some((previous, format!("chain {chain}, which continues it,")))
        });
        for (chain, by) in started.chain(continued).chain(self.anchors.chains()) {
            if chain >= from && !self.chains.contains_key(&chain) {
                found.insert(chain, (1, Fault::ChainRemoved { by }));
            }
        }
    }

    /// Chains that go on, or went on, after what is there of them.
    fn ends(&mut self, found: &mut BTreeMap<i64, (i64, Fault)>) {
        let from = self.options.from;
        for (&chain, state) in &self.chains {
            let whole = state.follow.as_ref().is_none_or(Follow::is_whole);
            let last = state.last();
            if whole
                && chain >= from.chain
                && let Some(by) = self.anchors.beyond(chain, last.seq)
            {
                let fault = (last.seq + 1, Fault::Truncated { by });
                found.entry(chain).or_insert(fault);
            }
        }
        for (&chain, state) in &self.chains {
            let Some(row) = &state.row else { continue };
            let Some((previous, before)) = row
                .previous_chain
                .and_then(|chain| Some((chain, self.chains.get(&chain)?)))
            else {
                continue;
            };
            let whole = before.follow.as_ref().is_none_or(Follow::is_whole);
            let begun = found.contains_key(&chain);
            if whole && !begun && previous >= from.chain && before.last().link != row.previous_link
            {
                let by = format!("chain {chain}, which continues it,");
                let fault = (before.last().seq + 1, Fault::Truncated { by });
                found.entry(previous).or_insert(fault);
            }
        }
    }
}

impl State {
    fn new() -> Self {
        Self {
            row: None,
            follow: None,
            events: 0,
            own: 0,
            veiled: 0,
        }
    }

    /// What the first event continues.
    fn beginning(&self) -> Head {
        Head {
            seq: 0,
            link: self
                .row
                .as_ref()
                .map(|row| row.previous_link)
                .unwrap_or_default(),
        }
    }

    /// The last event as stored.
    fn last(&self) -> Head {
        self.follow
            .as_ref()
            .map_or_else(|| self.beginning(), Follow::last)
    }
}
