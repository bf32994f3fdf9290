#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use ed25519_dalek::SigningKey;
use serde_json::json;

use super::*;
use crate::audit::checkpoint::{ChainHead, Checkpoint};
use crate::audit::key::public;
use crate::store::Json;

const EVENTS: i64 = 40;

fn key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

/// An audit of a control chain and two writers', the first of which has all of
/// `EVENTS`; a checkpoint vouches for event 30 of that, and for both last ones.
#[derive(Clone)]
struct Audit {
    chains: Vec<line::Chain>,
    checkpoints: Vec<line::Checkpoint>,
    events: Vec<line::Event>,
}

impl Audit {
    fn new() -> Self {
        let mut audit = Self {
            chains: Vec::new(),
            checkpoints: Vec::new(),
            events: Vec::new(),
        };
        let mut previous = Head {
            seq: 0,
            link: Digest::default(),
        };
        let mut control = previous;
        let mut started = Vec::new();
        let mut writers = Vec::new();
        for chain in [1, 2] {
            started.push(json!({"at": chain, "data": {"chain": chain, "previous_link": previous.link}, "event": "gateway.started"}));
            let bodies = (0..EVENTS / chain)
                .map(|seq| json!({"at": seq, "data": {}, "event": "inference.routed"}));
            let link = previous.link;
            audit.chain(chain, (chain > 1).then_some(chain - 1), link);
            previous.seq = 0;
            writers.push(previous);
            previous = audit.append(chain, previous, bodies.collect());
        }
        audit.chain(0, None, Digest::default());
        audit.chains.rotate_right(1);
        let first = audit.events.clone();
        audit.events.clear();
        control = audit.append(0, control, started);
        audit.events.extend(first);
        let at = |chain, seq| {
            let event = audit.at(chain, seq);
            ChainHead {
                chain,
                link: event.link.unwrap(),
                seq,
            }
        };
        let of = |chain, seq| {
            vec![
                ChainHead {
                    chain: 0,
                    link: control.link,
                    seq: control.seq,
                },
                at(chain, seq),
            ]
        };
        let heads = [of(1, 30), of(1, EVENTS), of(2, EVENTS / 2)];
        for heads in heads {
            audit.checkpoint(heads);
        }
        audit
    }

    fn chain(&mut self, chain: i64, previous_chain: Option<i64>, previous_link: Digest) {
        self.chains.push(line::Chain {
            chain,
            kind: if chain == 0 { "control" } else { "writer" }.to_owned(),
            started_us: 0,
            previous_chain,
            previous_link,
        });
    }

    fn append(&mut self, chain: i64, mut head: Head, bodies: Vec<serde_json::Value>) -> Head {
        for body in bodies {
            let body = body.to_string();
            head = head.after(Digest::of(body.as_bytes()));
            self.events.push(line::Event {
                chain,
                seq: head.seq,
                body: Some(Json(body)),
                digest: None,
                link: Some(head.link),
            });
        }
        head
    }

    fn checkpoint(&mut self, heads: Vec<ChainHead>) {
        let last = self.checkpoints.last();
        let checkpoint = Checkpoint {
            at: 1,
            heads,
            number: last.map_or(0, |last| last.number) + 1,
            previous: last.map(|last| Checkpoint::unchecked(&last.envelope).unwrap().1),
        };
        self.checkpoints.push(line::Checkpoint {
            number: checkpoint.number,
            envelope: Json(checkpoint.sign(&key()).unwrap()),
        });
    }

    fn place(&self, chain: i64, seq: i64) -> usize {
        let mut events = self.events.iter();
        let place = events.position(|event| (event.chain, event.seq) == (chain, seq));
        place.unwrap_or_else(|| panic!("no event {chain}.{seq}"))
    }

    fn at(&self, chain: i64, seq: i64) -> &line::Event {
        &self.events[self.place(chain, seq)]
    }

    fn event(&mut self, chain: i64, seq: i64) -> &mut line::Event {
        let place = self.place(chain, seq);
        &mut self.events[place]
    }

    fn remove(&mut self, chain: i64, seq: i64) -> line::Event {
        self.events.remove(self.place(chain, seq))
    }

    /// Numbers the events of a chain by how they stand.
    fn renumber(&mut self, chain: i64) {
        let of = self.events.iter_mut().filter(|event| event.chain == chain);
        for (seq, event) in (1..).zip(of) {
            event.seq = seq;
        }
    }

    /// Makes the links of a chain from `seq` on anew, as who writes to the
    /// database can.
    fn relink(&mut self, chain: i64, seq: i64) {
        let mut head = match seq {
            1 => Head {
                seq: 0,
                link: self.chains[chain as usize].previous_link,
            },
            _ => Head {
                seq: seq - 1,
                link: self.at(chain, seq - 1).link.unwrap(),
            },
        };
        for event in &mut self.events {
            if event.chain == chain && event.seq >= seq {
                head = head.after(event.digest());
                event.link = Some(head.link);
            }
        }
    }

    fn foreign(&self, chain: i64, seq: i64) -> line::Event {
        line::Event {
            body: Some(Json(
                r#"{"at":1,"data":{},"event":"gate.changed"}"#.to_owned(),
            )),
            ..self.at(chain, seq).clone()
        }
    }

    fn lines(self) -> Vec<Line> {
        let chains = self.chains.into_iter().map(Line::Chain);
        let checkpoints = self.checkpoints.into_iter().map(Line::Checkpoint);
        let events = self.events.into_iter().map(Line::Event);
        let mut lines: Vec<_> = chains.chain(checkpoints).chain(events).collect();
        let mut end = line::End::default();
        lines.iter().for_each(|line| end.count(line));
        lines.push(Line::End(end));
        lines
    }

    fn report(self, options: Options) -> Report {
        let mut verifier = Verifier::new(options);
        self.lines().iter().for_each(|line| verifier.take(line));
        verifier.finish()
    }

    fn verify(self) -> Report {
        self.report(Options {
            keys: vec![public(&key())],
            ..Options::default()
        })
    }

    /// The first problem, as `chain.seq fault`.
    fn first(self) -> String {
        let report = self.verify();
        let Some(first) = report.problems.first() else {
            return "verified".to_owned();
        };
        match (first.chain, first.seq) {
            (Some(chain), Some(seq)) => format!("{chain}.{seq} {}", first.fault),
            _ => format!("{:?} {}", first.checkpoint, first.fault),
        }
    }
}

fn tampered(change: impl FnOnce(&mut Audit)) -> String {
    let mut audit = Audit::new();
    change(&mut audit);
    audit.first()
}

#[test]
fn a_whole_audit_verifies() {
    let report = Audit::new().verify();
    assert_eq!(report.problems, []);
    assert!(report.verified);
    assert_eq!(report.checkpoints, CheckpointReport { count: 3, last: 3 });
    let ends: Vec<_> = report
        .chains
        .iter()
        .map(|chain| {
            (
                chain.chain,
                chain.events,
                chain.last,
                chain.after_checkpoint,
            )
        })
        .collect();
    assert_eq!(ends, [(0, 2, 2, 0), (1, 40, 40, 0), (2, 20, 20, 0)]);
}

#[test]
fn a_changed_event_is_named() {
    let other = |audit: &mut Audit| {
        let foreign = audit.foreign(1, 5);
        *audit.event(1, 5) = foreign;
    };
    assert_eq!(tampered(other), "1.5 changed");
    let link = |audit: &mut Audit| audit.event(1, 5).link = Some(Digest::of(b"x"));
    assert_eq!(tampered(link), "1.5 changed");
    assert_eq!(
        tampered(|audit| audit.event(1, 5).link = None),
        "1.5 changed"
    );
    let last = |audit: &mut Audit| {
        let foreign = audit.foreign(2, 20);
        *audit.event(2, 20) = foreign;
    };
    assert_eq!(tampered(last), "2.20 changed");
}

#[test]
fn a_removed_event_is_named() {
    assert_eq!(tampered(|audit| drop(audit.remove(1, 5))), "1.5 removed");
    assert_eq!(tampered(|audit| drop(audit.remove(1, 1))), "1.1 removed");
    // Numbered anew: the place where a checkpoint's link is found tells.
    for chain in [1, 2] {
        let renumbered = |audit: &mut Audit| {
            audit.remove(chain, 5);
            audit.renumber(chain);
        };
        assert_eq!(tampered(renumbered), format!("{chain}.5 removed"));
    }
}

#[test]
fn an_inserted_event_is_named() {
    for linked in [false, true] {
        let inserted = |audit: &mut Audit| {
            let foreign = audit.foreign(1, 5);
            let place = audit.place(1, 5);
            audit.events.insert(place, foreign);
            audit.renumber(1);
            if linked {
                let before = audit.at(1, 4).link.unwrap();
                let event = audit.event(1, 5);
                let digest = event.digest();
                event.link = Some(crate::record::audit::link(before, digest));
            }
        };
        assert_eq!(tampered(inserted), "1.5 inserted", "linked: {linked}");
    }
    let twice = |audit: &mut Audit| {
        let event = audit.at(1, 5).clone();
        let place = audit.place(1, 5);
        audit.events.insert(place, event);
    };
    assert_eq!(tampered(twice), "1.5 inserted");
}

#[test]
fn swapped_events_are_named() {
    for (one, other) in [(5, 6), (5, 7), (5, 33), (1, 40)] {
        for bodies_only in [false, true] {
            let swapped = |audit: &mut Audit| {
                let (i, j) = (audit.place(1, one), audit.place(1, other));
                let (a, b) = (audit.events[i].clone(), audit.events[j].clone());
                audit.events[i] = line::Event {
                    seq: a.seq,
                    ..b.clone()
                };
                audit.events[j] = line::Event {
                    seq: b.seq,
                    ..a.clone()
                };
                if bodies_only {
                    audit.events[i].link = a.link;
                    audit.events[j].link = b.link;
                }
            };
            let expected = format!("1.{one} swapped");
            assert_eq!(
                tampered(swapped),
                expected,
                "{other}, bodies only: {bodies_only}"
            );
        }
    }
}

#[test]
fn a_rewritten_chain_is_not_what_a_checkpoint_vouches_for() {
    let rewritten = |audit: &mut Audit| {
        let foreign = audit.foreign(1, 5);
        *audit.event(1, 5) = foreign;
        audit.relink(1, 5);
    };
    assert_eq!(tampered(rewritten), "1.30 rewritten");
}

#[test]
fn a_truncated_chain_is_named() {
    let truncate = |audit: &mut Audit, chain, from| {
        audit
            .events
            .retain(|event| event.chain != chain || event.seq < from);
    };
    assert_eq!(tampered(|audit| truncate(audit, 1, 35)), "1.35 truncated");
    assert_eq!(tampered(|audit| truncate(audit, 2, 20)), "2.20 truncated");
    assert_eq!(tampered(|audit| truncate(audit, 2, 1)), "2.1 truncated");
    // By the chain that continues it alone.
    let unsigned = |audit: &mut Audit| {
        truncate(audit, 1, 35);
        audit.checkpoints.clear();
    };
    assert_eq!(tampered(unsigned), "1.35 truncated");
    // By what the operator kept.
    let mut audit = Audit::new();
    let link = audit.at(2, 20).link.unwrap();
    truncate(&mut audit, 2, 20);
    audit.checkpoints.clear();
    let whole = audit.clone().report(Options::default());
    assert!(whole.verified, "{:?}", whole.problems);
    let held = audit.report(Options {
        heads: vec![(2, Head { seq: 20, link })],
        ..Options::default()
    });
    assert_eq!(held.problems[0].fault, "truncated");
    assert!(held.problems[0].message.contains("--head"));
}

#[test]
fn chains_that_come_and_go_are_named() {
    let gone = |audit: &mut Audit, chain: i64| {
        audit.chains.retain(|row| row.chain != chain);
        audit.events.retain(|event| event.chain != chain);
    };
    assert_eq!(tampered(|audit| gone(audit, 1)), "1.1 chain_removed");
    assert_eq!(tampered(|audit| gone(audit, 2)), "2.1 chain_removed");
    let come = |audit: &mut Audit| {
        let link = audit.at(2, 20).link.unwrap();
        audit.chain(3, Some(2), link);
    };
    assert_eq!(tampered(come), "3.1 chain_inserted");
    let elsewhere = |audit: &mut Audit| audit.chains[2].previous_link = Digest::of(b"x");
    assert_eq!(tampered(elsewhere), "2.1 changed");
}

#[test]
fn checkpoints_are_held_to_the_key_and_to_each_other() {
    let removed = |audit: &mut Audit| drop(audit.checkpoints.remove(1));
    assert_eq!(tampered(removed), "Some(3) removed");
    let renumbered = |audit: &mut Audit| {
        audit.checkpoints.remove(1);
        audit.checkpoints[1].number = 2;
    };
    assert_eq!(tampered(renumbered), "Some(2) swapped");
    let forged = |audit: &mut Audit| {
        let (mut checkpoint, _) = Checkpoint::unchecked(&audit.checkpoints[2].envelope).unwrap();
        checkpoint.heads.clear();
        let other = SigningKey::from_bytes(&[8; 32]);
        audit.checkpoints[2].envelope = Json(checkpoint.sign(&other).unwrap());
    };
    assert_eq!(tampered(forged), "Some(3) forged");
    let garbage = |audit: &mut Audit| audit.checkpoints[0].envelope = Json("{}".to_owned());
    assert_eq!(tampered(garbage), "Some(1) unverified");
    let unkeyed = Audit::new().report(Options::default());
    assert!(unkeyed.problems[0].message.contains("--key"), "{unkeyed:?}");
}

#[test]
fn a_page_begins_where_it_is_told_to() {
    let from = |seq| Options {
        keys: vec![public(&key())],
        from: Place { chain: 1, seq },
        ..Options::default()
    };
    let cut = |first: i64| {
        let mut audit = Audit::new();
        audit
            .events
            .retain(|event| (event.chain, event.seq) >= (1, first));
        audit
    };
    let report = cut(9).report(from(10));
    assert!(report.verified, "{:?}", report.problems);
    assert_eq!(report.chains[1].events, 31);
    let mut changed = cut(9);
    let foreign = changed.foreign(1, 12);
    *changed.event(1, 12) = foreign;
    let report = changed.report(from(10));
    assert_eq!(report.problems[0].seq, Some(12));
}

#[test]
fn an_agents_export_verifies_by_digests() {
    let agent = AgentId(crate::store::Key(2));
    let mut audit = Audit::new();
    audit.events = audit
        .events
        .into_iter()
        .map(|event| event.shown_to(agent))
        .collect();
    let report = audit.clone().verify();
    assert!(report.verified, "{:?}", report.problems);
    assert_eq!(report.chains[1].digests_only, 40);
    audit.event(1, 5).digest = Some(Digest::of(b"x"));
    assert_eq!(audit.first(), "1.5 changed");
}

#[test]
fn an_export_is_whole() {
    let mut lines = Audit::new().lines();
    let place = lines.len() - 2;
    lines.remove(place);
    let mut verifier = Verifier::new(Options {
        keys: vec![public(&key())],
        ..Options::default()
    });
    lines.iter().for_each(|line| verifier.take(line));
    verifier.take(&lines[0]);
    let report = verifier.finish();
    let faults: Vec<_> = report
        .problems
        .iter()
        .map(|problem| problem.fault)
        .collect();
    assert_eq!(faults, ["truncated", "form", "form", "form"]);
}
