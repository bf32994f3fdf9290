//! The walk over the books.

use super::audited::{Comparison, Look, Of, amount};
use super::books::Books;
use super::report::{Kind, Problems, Report};
use super::rules::wrong;
use crate::store::ledger::{self, CallRow};
use crate::store::{Key, Store, StoreError, Tx, audit};

/// Rows that are read at once.
const PAGE: u32 = 4_096;

/// Verifies the books in one snapshot, whether a gateway runs or not:
///
/// - each call holds and is charged what its own record warrants;
/// - each account sums to 0, and is what its calls and top-ups make;
/// - each agent's day is what its calls make;
/// - the audit has the same amounts.
///
/// # Errors
/// If the database cannot be read.
pub async fn verify(store: &Store) -> Result<Report, StoreError> {
    let mut tx = store.snapshot().await?;
    let mut report = Report::default();
    let mut problems = Problems::default();
    let mut books = Books::default();
    let mut comparison = Comparison::new();
    let mut closed = 0;
    calls(&mut tx, |call| {
        report.calls += 1;
        let ended = call.status.is_some();
        closed += i64::from(ended);
        report.pending += u64::from(!ended && call.hold_nanousd.is_some());
        if let Some(what) = wrong(call) {
            problems.add(Kind::Call, || what);
        }
        books.call(call);
        each(call, |of, nanousd| comparison.ledger(of, nanousd));
    })
    .await?;
    if ledger::closed(&mut tx).await? != closed
        && let Some(orphan) = ledger::orphan(&mut tx).await?
    {
        problems.add(Kind::Orphan, || {
            format!(
                "call {}: it has an end and no beginning",
                orphan.request_id()
            )
        });
    }
    for top_up in ledger::all_top_ups(&mut tx).await? {
        report.top_ups += 1;
        books.top_up(&top_up);
        comparison.ledger(Of::TopUp(top_up.id.0), top_up.amount_nanousd);
    }
    for row in ledger::accounts(&mut tx).await? {
        report.accounts += 1;
        books.account(&row, &mut problems);
    }
    for row in ledger::all_days(&mut tx).await? {
        report.days += 1;
        books.day(&row, &mut problems);
    }
    books.finish(&mut problems);
    events(&mut tx, |of, nanousd| {
        report.audit_events += 1;
        comparison.audit(of, nanousd);
    })
    .await?;
    if let Some((look, places)) = comparison.differs() {
        let first = look_again(&mut tx, look).await?;
        for _ in 0..places {
            problems.add(Kind::Audit, || first.clone());
        }
    }
    report.problems = problems.into_vec();
    report.verified = report.problems.is_empty();
    Ok(report)
}

/// Names the first amount that the audit has otherwise.
async fn look_again(tx: &mut Tx, mut look: Look) -> Result<String, StoreError> {
    calls(tx, |call| {
        each(call, |of, nanousd| look.ledger(of, nanousd))
    })
    .await?;
    for top_up in ledger::all_top_ups(tx).await? {
        look.ledger(Of::TopUp(top_up.id.0), top_up.amount_nanousd);
    }
    events(tx, |of, nanousd| look.audit(of, nanousd)).await?;
    Ok(look.first())
}

/// The amounts of a call.
fn each(call: &CallRow, mut take: impl FnMut(Of, i64)) {
    if let Some(hold) = call.hold_nanousd {
        take(Of::Hold(call.key), hold);
    }
    if let Some(charged) = call.charged_nanousd {
        take(Of::Charge(call.key), charged);
    }
}

/// Every call, the first one first.
async fn calls(tx: &mut Tx, mut take: impl FnMut(&CallRow)) -> Result<(), StoreError> {
    let mut after = Key(i64::MIN);
    loop {
        let page = ledger::call_rows(tx, after, PAGE).await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = last.key;
        page.iter().for_each(&mut take);
    }
}

/// Every amount of the audit.
async fn events(tx: &mut Tx, mut take: impl FnMut(Of, i64)) -> Result<(), StoreError> {
    let mut after = i64::MIN;
    loop {
        let page = audit::stored(tx, after, PAGE).await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = last.id;
        for (of, nanousd) in page.iter().filter_map(|event| amount(&event.body)) {
            take(of, nanousd);
        }
    }
}
