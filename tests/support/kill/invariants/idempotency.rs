//! Requests with an `Idempotency-Key`.

use std::collections::BTreeMap;

use super::super::attempt::{Attempt, Ending};
use super::super::errand::Course;
use super::super::evidence::Evidence;
use super::Faults;
use super::clients::has_no_row;

/// A success is kept in the commit that records it, so from then on the key
/// opens no call. Anything else leaves the key free: a killed one, too.
pub(super) fn one_success(evidence: &Evidence, faults: &mut Faults) {
    for (number, calls) in evidence.by_errand() {
        if !evidence.errand(number).keyed {
            continue;
        }
        let before = calls.iter().rev().skip(1);
        let mut early = before.filter(|call| call.status() == "succeeded");
        faults.unless(early.next().is_none(), || format!("{calls:?}"));
    }
}

pub(super) fn same_answer(evidence: &Evidence, faults: &mut Faults) {
    let mut answers: BTreeMap<u64, Vec<&Attempt>> = BTreeMap::new();
    for attempt in &evidence.attempts {
        if attempt.whole().is_some() && evidence.errand(attempt.errand).keyed {
            answers.entry(attempt.errand).or_default().push(attempt);
        }
    }
    let ids = |attempt: &Attempt| {
        let head = attempt.head.as_ref();
        head.map(|head| {
            (
                head.request_id.clone(),
                head.inference_id.clone(),
                head.receipt_id.clone(),
            )
        })
    };
    let calls = evidence.by_errand();
    for (number, attempts) in answers {
        let (first, rest) = attempts.split_first().expect("at least one");
        for again in rest {
            let bytes = |attempt: &Attempt| attempt.whole().map(|whole| whole.raw.clone());
            let same = ids(first) == ids(again) && bytes(first) == bytes(again);
            faults.unless(same, || format!("{first:?}\n    {again:?}"));
        }
        let firsts = attempts.iter().filter(|attempt| !attempt.replayed());
        faults.unless(firsts.count() <= 1, || format!("{attempts:?}"));
        let success = calls.get(&number).and_then(|calls| calls.last());
        let id = success.map(|call| call.request_id());
        let told = first.head.as_ref().map(|head| head.request_id.clone());
        faults.unless(id == told, || format!("{first:?}: {success:?}"));
    }
}

/// Whatever died, a key has its answer or is free: asked alone, nobody is told that a
/// call is in flight, and who can be answered is.
pub(super) fn not_stuck(evidence: &Evidence, faults: &mut Faults) {
    for attempt in evidence.attempts.iter().filter(|attempt| attempt.alone) {
        let errand = evidence.errand(attempt.errand);
        let answers = matches!(errand.course, Course::Answers | Course::FallsBack);
        let right = match attempt.end {
            Ending::Whole(_) => answers,
            Ending::Cut(_) | Ending::Error(_) => !answers && !has_no_row(attempt),
            Ending::Refused | Ending::Broken | Ending::Left => false,
        };
        faults.unless(right, || format!("{attempt:?} of {errand:?}"));
    }
}

pub(super) fn no_row(evidence: &Evidence, faults: &mut Faults) {
    let sessions = evidence.by_session();
    for attempt in evidence.attempts.iter().filter(|a| has_no_row(a)) {
        let keyed = evidence.errand(attempt.errand).keyed;
        let rows = sessions.get(attempt.session.as_str());
        faults.unless(keyed && rows.is_none(), || format!("{attempt:?}: {rows:?}"));
    }
}
