#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::state::{State, Ticket};
use super::{Breakers, Position, Rules, Trouble};
use crate::provider::{Failure, FailureKind};

const SECOND: Duration = Duration::from_secs(1);

fn rules(failures: u32, open: u64, max_open: u64) -> Rules {
    Rules {
        failures: NonZeroU32::new(failures).unwrap(),
        open: Duration::from_secs(open),
        max_open: Duration::from_secs(max_open),
    }
}

/// A try that is let in fails; for how long that opens the breaker.
fn fail(state: &mut State, now: Instant, rules: &Rules) -> Option<Duration> {
    let ticket = state.admit(now).unwrap();
    state.failed(ticket, Trouble::Down, now, rules)
}

#[test]
fn it_opens_after_failures_in_a_row_and_not_before() {
    let (mut state, rules, now) = (State::default(), rules(3, 5, 60), Instant::now());
    assert_eq!(fail(&mut state, now, &rules), None);
    assert_eq!(fail(&mut state, now, &rules), None);
    let ticket = state.admit(now).unwrap();
    state.succeeded(ticket);
    assert_eq!(fail(&mut state, now, &rules), None);
    assert_eq!(fail(&mut state, now, &rules), None);
    assert_eq!(fail(&mut state, now, &rules), Some(5 * SECOND));
    assert_eq!(
        state.admit(now + 5 * SECOND - Duration::from_nanos(1)),
        None
    );
}

#[test]
fn a_probe_that_fails_opens_it_for_twice_as_long_up_to_the_limit() {
    let (mut state, rules, mut now) = (State::default(), rules(1, 5, 30), Instant::now());
    for seconds in [5, 10, 20, 30, 30] {
        assert_eq!(fail(&mut state, now, &rules), Some(seconds * SECOND));
        now += seconds * SECOND;
    }
    let probe = state.admit(now).unwrap();
    assert!(state.succeeded(probe), "closes");
    assert_eq!(fail(&mut state, now, &rules), Some(5 * SECOND), "afresh");
}

#[test]
fn a_429_opens_it_at_once_for_as_long_as_it_asks_within_bounds() {
    let (rules, now) = (rules(5, 5, 60), Instant::now());
    for (asked, granted) in [(7, 7), (3_600, 60)] {
        let mut state = State::default();
        let ticket = state.admit(now).unwrap();
        let opened = state.failed(ticket, Trouble::Busy(asked * SECOND), now, &rules);
        assert_eq!(opened, Some(granted * SECOND));
    }
}

#[test]
fn an_answer_that_begins_closes_it_on_probation() {
    let (mut state, rules, mut now) = (State::default(), rules(3, 5, 60), Instant::now());
    for _ in 0..3 {
        fail(&mut state, now, &rules);
    }
    now += 5 * SECOND;
    let probe = state.admit(now).unwrap();
    assert_eq!(state.admit(now), None, "one at a time");
    assert!(state.began(probe, &rules), "closes");
    let other = state.admit(now).unwrap();
    let died = state.failed(probe, Trouble::Down, now, &rules);
    assert_eq!(died, Some(10 * SECOND), "one failure opens it again");
    assert!(!state.succeeded(other), "it began before that");
    assert_eq!(state.admit(now), None);
}

#[derive(Clone, Copy, Debug)]
enum Act {
    Admit,
    Force,
    Wait(u64),
    Began(usize),
    Succeeded(usize),
    Failed(usize, Option<u64>),
    Left(usize),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        4 => Just(Act::Admit),
        1 => Just(Act::Force),
        2 => (0..40_u64).prop_map(Act::Wait),
        1 => any::<usize>().prop_map(Act::Began),
        2 => any::<usize>().prop_map(Act::Succeeded),
        4 => (any::<usize>(), proptest::option::weighted(0.2, 1..100_u64))
            .prop_map(|(which, wait)| Act::Failed(which, wait)),
        1 => any::<usize>().prop_map(Act::Left),
    ];
    proptest::collection::vec(act, 1..120)
}

/// What is known from outside: when it opened, and who tries.
struct Seen {
    now: Instant,
    until: Option<Instant>,
    /// Failures in a row of tries that began since the last opening.
    row: u32,
    /// Tries under way, and the opening after which they began.
    tries: Vec<(Ticket, usize)>,
    openings: usize,
    probe: Option<Ticket>,
}

impl Seen {
    fn take(&mut self, which: usize) -> Option<(Ticket, bool)> {
        if self.tries.is_empty() {
            return None;
        }
        let (ticket, opening) = self.tries.swap_remove(which % self.tries.len());
        if self.probe == Some(ticket) {
            self.probe = None;
        }
        Some((ticket, opening == self.openings))
    }
}

proptest! {
    #[test]
    fn its_laws(acts in acts(), failures in 1..5_u32, open in 1..20_u64, max_open in 1..60_u64) {
        let rules = rules(failures, open, max_open);
        let mut state = State::default();
        let mut seen = Seen {
            now: Instant::now(), until: None, row: 0, tries: vec![], openings: 0, probe: None,
        };
        for act in acts {
            let before = format!("{state:?}");
            match act {
                Act::Wait(seconds) => seen.now += Duration::from_secs(seconds),
                Act::Force => seen.tries.push((state.force(), seen.openings)),
                Act::Admit => {
                    let half_open = seen.until.is_some_and(|until| seen.now >= until);
                    let let_in = seen.until.is_none() || half_open && seen.probe.is_none();
                    let ticket = state.admit(seen.now);
                    prop_assert_eq!(ticket.is_some(), let_in);
                    if let Some(ticket) = ticket {
                        prop_assert_eq!(ticket.probe, half_open);
                        seen.probe = ticket.probe.then_some(ticket).or(seen.probe);
                        seen.tries.push((ticket, seen.openings));
                    }
                }
                Act::Began(which) => {
                    // It goes on: it is still to be told how it ends.
                    let Some(&(ticket, opening)) = seen.tries.get(which % seen.tries.len().max(1)) else { continue };
                    let closed = state.began(ticket, &rules);
                    prop_assert_eq!(closed, opening == seen.openings && seen.until.is_some());
                    if closed {
                        (seen.until, seen.probe, seen.row) = (None, None, failures - 1);
                    }
                }
                Act::Succeeded(which) => {
                    let Some((ticket, fresh)) = seen.take(which) else { continue };
                    let closed = state.succeeded(ticket);
                    prop_assert_eq!(closed, fresh && seen.until.is_some());
                    if fresh {
                        (seen.until, seen.probe, seen.row) = (None, None, 0);
                    } else {
                        prop_assert_eq!(&before, &format!("{state:?}"), "what is stale changes nothing");
                    }
                }
                Act::Failed(which, wait) => {
                    let Some((ticket, fresh)) = seen.take(which) else { continue };
                    let trouble = wait.map_or(Trouble::Down, |s| Trouble::Busy(Duration::from_secs(s)));
                    let opened = state.failed(ticket, trouble, seen.now, &rules);
                    let opens = fresh && match seen.until {
                        Some(until) => ticket.probe || seen.now >= until,
                        None => {
                            seen.row += 1;
                            seen.row >= failures || wait.is_some()
                        }
                    };
                    prop_assert_eq!(opened.is_some(), opens);
                    match opened {
                        None if !fresh || seen.until.is_some() => {
                            prop_assert_eq!(&before, &format!("{state:?}"), "nothing new is told");
                        }
                        None => {}
                        Some(wait) => {
                            prop_assert!(wait <= rules.max_open);
                            prop_assert!(wait >= rules.open.min(rules.max_open) || trouble != Trouble::Down);
                            seen.until = Some(seen.now + wait);
                            (seen.probe, seen.row) = (None, 0);
                            seen.openings += 1;
                        }
                    }
                }
                Act::Left(which) => {
                    let Some((ticket, fresh)) = seen.take(which) else { continue };
                    state.left(ticket);
                    if !fresh || !ticket.probe {
                        prop_assert_eq!(&before, &format!("{state:?}"), "it told nothing");
                    }
                }
            }
        }
        // Left alone for long enough, it lets somebody in, once nobody probes.
        while let Some((ticket, _)) = seen.take(0) {
            state.left(ticket);
        }
        prop_assert!(state.admit(seen.now + rules.max_open).is_some());
    }
}

fn down() -> Failure {
    Failure::new(FailureKind::Unreachable, "")
}

fn status(status: u16) -> Failure {
    Failure {
        status: Some(status),
        ..Failure::new(FailureKind::Status, "")
    }
}

#[test]
fn offers_break_each_for_itself_and_a_forced_try_closes() {
    let breakers = Breakers::new(Some(rules(2, 3_600, 3_600)));
    let (sick, well): (Arc<str>, Arc<str>) = ("m@sick".into(), "m@well".into());
    for _ in 0..2 {
        breakers.admit(&sick).unwrap().failed(&down());
    }
    assert!(breakers.admit(&sick).is_none());
    assert!(breakers.clone().admit(&sick).is_none(), "clones share them");
    assert!(breakers.admit(&well).is_some());
    breakers.force(&sick).succeeded();
    assert!(breakers.admit(&sick).is_some());
}

#[test]
fn a_request_at_fault_and_a_client_that_leaves_tell_nothing() {
    let breakers = Breakers::new(Some(rules(1, 0, 0)));
    let offer: Arc<str> = "m@p".into();
    for neutral in [400, 413, 422] {
        breakers.admit(&offer).unwrap().failed(&status(neutral));
    }
    drop(breakers.admit(&offer).unwrap());
    breakers.admit(&offer).unwrap().failed(&status(500));
    // Half-open at once: one probe, whose place is free again when it leaves
    // or is at fault itself.
    let probe = breakers.admit(&offer).unwrap();
    assert!(breakers.admit(&offer).is_none());
    drop(probe);
    let probe = breakers.admit(&offer).unwrap();
    assert!(breakers.admit(&offer).is_none());
    probe.failed(&status(400));
    breakers.admit(&offer).unwrap().succeeded();
    let one = breakers.admit(&offer);
    let other = breakers.admit(&offer);
    assert!(one.is_some() && other.is_some(), "closed");
}

#[test]
fn without_rules_nothing_opens() {
    let breakers = Breakers::new(None);
    let offer: Arc<str> = "m@p".into();
    for _ in 0..100 {
        breakers.admit(&offer).unwrap().failed(&down());
    }
    assert!(breakers.admit(&offer).is_some());
}

#[test]
fn many_at_once_let_one_probe_in() {
    let breakers = Breakers::new(Some(rules(1, 0, 0)));
    let offer: Arc<str> = "m@p".into();
    breakers.admit(&offer).unwrap().failed(&down());
    let let_in: usize = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| breakers.admit(&offer)))
            .collect();
        let tries: Vec<_> = tries.into_iter().map(|t| t.join().unwrap()).collect();
        tries.iter().flatten().count()
    });
    assert_eq!(let_in, 1);
}

#[test]
fn positions_are_told_of_offers_that_ever_failed() {
    let breakers = Breakers::new(Some(rules(1, 0, 0)));
    let (half, well): (Arc<str>, Arc<str>) = ("m@half".into(), "m@well".into());
    breakers.admit(&well).unwrap().succeeded();
    assert_eq!(breakers.positions(), []);
    breakers.admit(&half).unwrap().failed(&down());
    assert_eq!(
        breakers.positions(),
        [(Arc::clone(&half), Position::HalfOpen)]
    );
    breakers.admit(&half).unwrap().succeeded();
    assert_eq!(breakers.positions(), [(half, Position::Closed)]);

    let breakers = Breakers::new(Some(rules(1, 3_600, 3_600)));
    breakers.admit(&well).unwrap().failed(&down());
    assert_eq!(breakers.positions(), [(well, Position::Open)]);
}
