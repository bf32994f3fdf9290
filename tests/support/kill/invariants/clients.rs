//! What the clients saw, against the rows.

use super::super::attempt::{Attempt, Ending};
use super::super::evidence::{Call, Evidence};
use super::Faults;

/// Codes of answers to which nothing was recorded.
const UNRECORDED: [&str; 2] = ["idempotency_in_flight", "idempotency_mismatch"];

/// Whether the attempt is answered without a row of its own.
pub(super) fn has_no_row(attempt: &Attempt) -> bool {
    attempt.replayed()
        || attempt
            .code()
            .is_some_and(|code| UNRECORDED.contains(&code))
}

pub(super) fn refused(evidence: &Evidence, faults: &mut Faults) {
    let sessions = evidence.by_session();
    for attempt in &evidence.attempts {
        if matches!(attempt.end, Ending::Refused) {
            let rows = sessions.get(attempt.session.as_str());
            faults.unless(rows.is_none(), || format!("{attempt:?}: {rows:?}"));
        }
    }
}

pub(super) fn ids(evidence: &Evidence, faults: &mut Faults) {
    with_rows(evidence, |attempt, call| {
        let Some(head) = &attempt.head else {
            return;
        };
        if attempt.unrecorded() && call.is_none() {
            return;
        }
        let Some(call) = call else {
            return faults.unless(false, || format!("no row of {attempt:?}"));
        };
        let inference = call.request_id().replacen("req_", "inf_", 1);
        let right = head.request_id == call.request_id()
            && head.inference_id.as_ref().is_none_or(|id| *id == inference)
            // A 200 has its id before its body.
            && (head.status != 200 || head.inference_id.is_some());
        faults.unless(right, || format!("{head:?} of {call:?}"));
    });
}

pub(super) fn ends(evidence: &Evidence, faults: &mut Faults) {
    with_rows(evidence, |attempt, call| {
        if attempt.unrecorded() {
            return faults.unless(evidence.outages, || format!("{attempt:?}"));
        }
        let right: &[&str] = match &attempt.end {
            Ending::Whole(_) => &["succeeded"],
            Ending::Cut(_) => &["interrupted"],
            Ending::Error(_) => &["failed", "rejected_floor"],
            Ending::Refused | Ending::Broken | Ending::Left => return,
        };
        let fits = call.is_some_and(|call| right.contains(&call.status()));
        faults.unless(fits, || format!("{attempt:?}: {call:?}"));
        let (Some(whole), Some(closed)) =
            (attempt.whole(), call.and_then(|call| call.closed.as_ref()))
        else {
            return;
        };
        let told = [
            whole.tokens.prompt - whole.tokens.cache_read,
            whole.tokens.output,
            whole.tokens.cache_read,
        ];
        let told = told.map(|tokens| i64::try_from(tokens).ok());
        faults.unless(closed.tokens == told, || {
            format!("told {told:?}, recorded {closed:?}")
        });
    });
}

pub(super) fn own_answers(evidence: &Evidence, faults: &mut Faults) {
    for attempt in &evidence.attempts {
        let errand = evidence.errand(attempt.errand);
        let own = attempt
            .whole()
            .is_none_or(|whole| whole.said == errand.answer());
        faults.unless(own, || format!("{attempt:?}"));
    }
}

/// Each attempt that is to have a row, with the first that it has.
fn with_rows<'e>(evidence: &'e Evidence, mut see: impl FnMut(&'e Attempt, Option<&'e Call>)) {
    let sessions = evidence.by_session();
    for attempt in evidence.attempts.iter().filter(|a| !has_no_row(a)) {
        let rows = sessions.get(attempt.session.as_str());
        see(attempt, rows.and_then(|rows| rows.first().copied()));
    }
}
