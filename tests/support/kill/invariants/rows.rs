//! The rows among themselves, and against what was planned.

use std::collections::{HashMap, HashSet};

use super::super::attempt::Ending;
use super::super::errand::{Course, Errand};
use super::super::evidence::{Call, Closed, Evidence};
use super::Faults;

pub(super) fn of_one_attempt(evidence: &Evidence, faults: &mut Faults) {
    let made: HashSet<&str> = evidence
        .attempts
        .iter()
        .map(|attempt| attempt.session.as_str())
        .collect();
    for (session, calls) in evidence.by_session() {
        faults.unless(made.contains(session), || {
            format!("nobody made an attempt `{session}`: {calls:?}")
        });
        faults.unless(calls.len() == 1, || {
            format!("{session} has {} rows: {calls:?}", calls.len())
        });
    }
    for call in evidence.calls.values() {
        let errand = evidence.errand(call.errand());
        let router = if errand.routed.is_some() {
            "policy"
        } else {
            "direct"
        };
        let right = (call.route.as_str(), call.router.as_str()) == (errand.dialect.path(), router)
            && call.stream == errand.stream
            && call.dispatched == (errand.course != Course::Rejected);
        faults.unless(right, || format!("{call:?} is not {errand:?}"));
    }
    let orphans = &evidence.orphans;
    faults.unless(orphans.is_empty(), || {
        format!("closed, not opened: {orphans:?}")
    });
}

pub(super) fn settled(evidence: &Evidence, faults: &mut Faults) {
    for call in evidence.calls.values() {
        faults.unless(call.closed.is_some(), || format!("{call:?}"));
    }
}

/// A status that fits what the provider did, its tokens and its price.
pub(super) fn truthful(evidence: &Evidence, faults: &mut Faults) {
    let left: HashSet<&str> = evidence
        .attempts
        .iter()
        .filter(|attempt| matches!(attempt.end, Ending::Left) || attempt.unrecorded())
        .map(|attempt| attempt.session.as_str())
        .collect();
    for call in evidence.calls.values() {
        let Some(closed) = &call.closed else {
            continue;
        };
        let errand = evidence.errand(call.errand());
        let fits = match closed.status.as_str() {
            // Where nothing was dispatched, opening and closing are one act.
            "abandoned" => call.dispatched,
            // A keyed call is run to its end.
            "cancelled" => !errand.keyed && left.contains(call.session.as_str()),
            status => status == proper(&errand),
        };
        faults.unless(fits, || format!("{call:?} of {errand:?}"));
        faults.unless(priced(&errand, closed), || {
            format!("{closed:?}, not {:?} at {}", errand.usage(), errand.cost())
        });
    }
}

/// How it ends where nothing but its provider ends it.
fn proper(errand: &Errand) -> &'static str {
    match errand.course {
        Course::Answers | Course::FallsBack => "succeeded",
        Course::Breaks if errand.stream => "interrupted",
        // It broke before there was an answer.
        Course::Breaks | Course::Fails => "failed",
        Course::Rejected => "rejected_floor",
    }
}

fn priced(errand: &Errand, closed: &Closed) -> bool {
    match closed.status.as_str() {
        "succeeded" => {
            let usage = errand.usage();
            let tokens = [usage.input, usage.output, usage.cache_read];
            closed.tokens == tokens.map(|tokens| i64::try_from(tokens).ok())
                && closed.cost == Some(errand.cost())
                && closed.usage.as_deref() == Some("reported")
        }
        "abandoned" => {
            closed.tokens == [None; 3]
                && closed.cost.is_none()
                && closed.usage.as_deref() == Some("unknown")
        }
        _ => true,
    }
}

pub(super) fn outcomes(evidence: &Evidence, faults: &mut Faults) {
    let mut outcomes: HashMap<i64, Vec<&str>> = HashMap::new();
    for (key, status) in &evidence.outcomes {
        outcomes.entry(*key).or_default().push(status);
    }
    for call in evidence.calls.values() {
        let found = outcomes.remove(&call.key).unwrap_or_default();
        let right = match call.router.as_str() {
            "policy" => found == [call.status()],
            _ => found.is_empty(),
        };
        faults.unless(right, || format!("{call:?}: {found:?}"));
    }
    faults.unless(outcomes.is_empty(), || format!("of no call: {outcomes:?}"));
}

pub(super) fn inferences(evidence: &Evidence, faults: &mut Faults) {
    let mut expected: Vec<i64> = evidence
        .calls
        .values()
        .filter(|call| call.dispatched)
        .map(|call: &Call| call.key)
        .collect();
    let mut found = evidence.inferences.clone();
    expected.sort_unstable();
    found.sort_unstable();
    faults.unless(expected == found, || {
        format!("{} calls, {} inferences", expected.len(), found.len())
    });
}
