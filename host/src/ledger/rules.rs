//! What the record of a call says of its money.

use crate::catalog::NanoUsd;
use crate::record::{MOST_NANOUSD, Status, charge};
use crate::store::ledger::CallRow;

/// What is wrong with the money of one call, by its own record.
pub(super) fn wrong(call: &CallRow) -> Option<String> {
    let id = call.key.request_id();
    let tenant = call.tenant;
    let in_range = |amount: Option<i64>| amount.is_none_or(|usd| (0..=MOST_NANOUSD).contains(&usd));
    if !in_range(call.hold_nanousd) || !in_range(call.charged_nanousd) {
        return Some(format!(
            "call {id} of {tenant}: its hold or its charge is not an amount that a call can have"
        ));
    }
    let Some(hold) = call.hold_nanousd else {
        let charged = NanoUsd(call.charged_nanousd?);
        return Some(format!(
            "call {id} of {tenant}: {charged} USD are charged, and nothing was held"
        ));
    };
    if !call.dispatched {
        let hold = NanoUsd(hold);
        return Some(format!(
            "call {id} of {tenant}: {hold} USD are held, and it was not made"
        ));
    }
    let status = call.status.as_deref()?;
    let began = call.first_token_us.is_some();
    let expected =
        Status::named(status).and_then(|status| charge(status, began, call.cost_nanousd));
    if expected == call.charged_nanousd {
        return None;
    }
    let usd = |amount: Option<i64>| match amount {
        Some(amount) => format!("{} USD", NanoUsd(amount)),
        None => "nothing".to_owned(),
    };
    Some(format!(
        "call {id} of {tenant}, which {status}: charged is {}, and its cost warrants {}",
        usd(call.charged_nanousd),
        usd(expected)
    ))
}
