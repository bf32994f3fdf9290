//! What must be true after any kills, each by its name.

mod audit;
mod clients;
mod idempotency;
mod ledger;
mod provider;
mod rows;

use super::evidence::Evidence;

/// How much is shown of an invariant that does not hold.
const SHOWN: usize = 8;

/// What was found where an invariant does not hold.
#[derive(Default)]
struct Faults(Vec<String>);

type Invariant = (&'static str, fn(&Evidence, &mut Faults));

const ALL: [Invariant; 22] = [
    (
        "each row is of one attempt, as it was made",
        rows::of_one_attempt,
    ),
    ("nothing is pending", rows::settled),
    ("a closed row tells the truth", rows::truthful),
    (
        "a routed call has one outcome, a pinned one none",
        rows::outcomes,
    ),
    (
        "a dispatched call has one inference record",
        rows::inferences,
    ),
    (
        "what did not reach the gateway has no row",
        clients::refused,
    ),
    ("the ids of an answer are those of its row", clients::ids),
    ("whoever saw an end has a row with that end", clients::ends),
    ("an answer is that of its own request", clients::own_answers),
    (
        "each call that a provider saw is on record",
        provider::recorded,
    ),
    (
        "each call on record was seen by its provider",
        provider::seen,
    ),
    (
        "a key has one success, and nothing after it",
        idempotency::one_success,
    ),
    (
        "all who have a key's answer have the same",
        idempotency::same_answer,
    ),
    ("a key is not stuck", idempotency::not_stuck),
    ("conflicts and replays have no row", idempotency::no_row),
    ("each call is charged what it used", ledger::charges),
    (
        "the balances are what the calls add up to",
        ledger::balances,
    ),
    ("each payment is paid in once", ledger::payments),
    ("each settled call has its receipt", ledger::receipts),
    ("each act of a call has its audit event", audit::events),
    ("the records verify", audit::commands),
    ("the capture counters stay 0", audit::counters),
];

/// Panics with all that does not hold.
pub(super) fn hold(evidence: &Evidence) {
    let mut report = String::new();
    for (name, check) in ALL {
        let mut faults = Faults::default();
        check(evidence, &mut faults);
        let Faults(faults) = faults;
        if !faults.is_empty() {
            report.push_str(&format!("\n{name}: {} times it is not so\n", faults.len()));
            for fault in faults.iter().take(SHOWN) {
                report.push_str(&format!("  {fault}\n"));
            }
        }
    }
    assert!(
        report.is_empty(),
        "AINFERA_KILL_SEED={}\n{report}",
        evidence.seed
    );
}

impl Faults {
    /// Notes a fault unless `held`.
    fn unless(&mut self, held: bool, fault: impl FnOnce() -> String) {
        if !held {
            self.0.push(fault());
        }
    }
}
