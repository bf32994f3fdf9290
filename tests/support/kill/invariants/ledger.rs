//! The money, counted apart from the gateway's own verification.

use std::collections::BTreeSet;

use super::super::attempt::Ending;
use super::super::evidence::{Call, Evidence};
use super::super::payer;
use super::Faults;
use crate::records::key_of;

/// Each call is charged what it used, and nothing where it came to nothing.
pub(super) fn charges(evidence: &Evidence, faults: &mut Faults) {
    let begun: BTreeSet<u64> = evidence
        .served
        .iter()
        .filter(|served| served.pieces > 0)
        .map(|served| served.errand)
        .collect();
    for call in evidence.calls.values() {
        let Some(closed) = &call.closed else {
            continue;
        };
        let errand = evidence.errand(call.errand());
        let right = match closed.status.as_str() {
            "succeeded" => closed.charged == Some(errand.cost()),
            "interrupted" => closed.charged.is_some() && closed.charged == closed.cost,
            "cancelled" => {
                closed.charged.is_none()
                    || closed.charged == closed.cost && begun.contains(&call.errand())
            }
            _ => closed.charged.is_none(),
        };
        let held = call.hold.is_some_and(|hold| hold > 0) == call.dispatched;
        faults.unless(right && held, || {
            format!("{call:?}, whole {}", errand.cost())
        });
    }
}

/// The running balances are what the calls and the top-ups add up to, and nothing is
/// held for calls that are over.
pub(super) fn balances(evidence: &Evidence, faults: &mut Faults) {
    let charged: i64 = evidence.calls.values().filter_map(charged).sum();
    let paid: i64 = evidence.paid.iter().sum();
    let expected = [paid - charged, 0, charged, paid];
    faults.unless(evidence.accounts == [expected], || {
        format!("{:?}, not {expected:?}", evidence.accounts)
    });
    let days = evidence.days.iter();
    let days = days.fold([0, 0], |[charged, held], day| {
        [charged + day[0], held + day[1]]
    });
    faults.unless(days == [charged, 0], || {
        format!("{:?}, not {charged} in all", evidence.days)
    });
}

/// What was acknowledged is paid in, once, however often it was sent.
pub(super) fn payments(evidence: &Evidence, faults: &mut Faults) {
    let expected: Vec<i64> = (0..evidence.payments).map(payer::amount).collect();
    let (paid, said) = (&evidence.paid, evidence.topped_up);
    faults.unless(*paid == expected && said == expected.len(), || {
        format!(
            "{} paid in, {said} audited, {} acknowledged",
            paid.len(),
            expected.len()
        )
    });
}

/// A receipt for each call that was settled, whose id its client was told before.
pub(super) fn receipts(evidence: &Evidence, faults: &mut Faults) {
    let due =
        |call: &&Call| charged(call).is_some() || (call.status() == "abandoned" && call.dispatched);
    let due: Vec<i64> = evidence.calls.values().filter(due).map(|c| c.key).collect();
    faults.unless(evidence.receipts == due, || {
        format!("{} receipts, {} due", evidence.receipts.len(), due.len())
    });
    for attempt in &evidence.attempts {
        let Some(head) = &attempt.head else {
            continue;
        };
        let id = head.request_id.replacen("req_", "rcp_", 1);
        let right = match attempt.end {
            Ending::Whole(_) | Ending::Cut(_) => head.receipt_id.is_some(),
            Ending::Error(_) => head.receipt_id.is_none() || attempt.unrecorded(),
            _ => true,
        };
        // Whose id was told, it exists.
        let right = right
            && head.receipt_id.as_ref().is_none_or(|told| {
                *told == id
                    && evidence
                        .receipts
                        .binary_search(&key_of(&head.request_id))
                        .is_ok()
            });
        faults.unless(right, || format!("{attempt:?}"));
    }
}

fn charged(call: &Call) -> Option<i64> {
    call.closed.as_ref()?.charged
}
