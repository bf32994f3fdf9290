//! What calls and top-ups make of accounts and days.

use std::collections::BTreeMap;

use super::report::{Kind, Problems};
use crate::catalog::NanoUsd;
use crate::record::day_of;
use crate::store::ledger::{AccountRow, CallRow, DayRow, TopUp};
use crate::store::{AgentId, TenantId};

/// An account, wider than it is stored: what was tampered with may sum up to
/// anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sums {
    available: i128,
    held: i128,
    charged: i128,
    paid_in: i128,
}

/// What should be in the accounts and days. Grows with tenants and agents' days,
/// not with calls.
#[derive(Debug, Default)]
pub(super) struct Books {
    accounts: BTreeMap<TenantId, Sums>,
    days: BTreeMap<(AgentId, i64), (i128, i128)>,
}

impl Books {
    /// Takes a call's hold and settlement.
    pub(super) fn call(&mut self, call: &CallRow) {
        let Some(hold) = call.hold_nanousd.map(i128::from) else {
            return;
        };
        let account = self.accounts.entry(call.tenant).or_default();
        let day = (call.agent, day_of(call.opened_us));
        let (day_charged, day_held) = self.days.entry(day).or_default();
        if call.status.is_none() {
            account.available -= hold;
            account.held += hold;
            *day_held += hold;
        } else {
            let charged = i128::from(call.charged_nanousd.unwrap_or(0));
            account.available -= charged;
            account.charged += charged;
            *day_charged += charged;
        }
    }

    /// Takes a top-up.
    pub(super) fn top_up(&mut self, top_up: &TopUp) {
        let amount = i128::from(top_up.amount_nanousd);
        let account = self.accounts.entry(top_up.tenant).or_default();
        account.available += amount;
        account.paid_in += amount;
    }

    /// Compares the account of a tenant with what is there; each once.
    pub(super) fn account(&mut self, row: &AccountRow, problems: &mut Problems) {
        let found = Sums {
            available: row.available_nanousd.into(),
            held: row.held_nanousd.into(),
            charged: row.charged_nanousd.into(),
            paid_in: row.paid_in_nanousd.into(),
        };
        let tenant = row.tenant;
        let sum = found.available + found.held + found.charged - found.paid_in;
        if sum != 0 {
            problems.add(Kind::Unbalanced, || {
                format!(
                    "account of {tenant}: available + held + charged - paid in is {}, not 0",
                    usd(sum)
                )
            });
        }
        let expected = self.accounts.remove(&tenant).unwrap_or_default();
        differs(tenant, found, expected, problems);
    }

    /// Compares the day of an agent with what is there; each once.
    pub(super) fn day(&mut self, row: &DayRow, problems: &mut Problems) {
        let found = (row.charged_nanousd.into(), row.held_nanousd.into());
        let day = (row.agent, row.day);
        let expected = self.days.remove(&day).unwrap_or_default();
        day_differs(day, found, expected, problems);
    }

    /// What should be there and was not.
    pub(super) fn finish(self, problems: &mut Problems) {
        for (tenant, expected) in self.accounts {
            differs(tenant, Sums::default(), expected, problems);
        }
        for (day, expected) in self.days {
            day_differs(day, (0, 0), expected, problems);
        }
    }
}

fn differs(tenant: TenantId, found: Sums, expected: Sums, problems: &mut Problems) {
    let parts = [
        ("available", found.available, expected.available),
        ("held", found.held, expected.held),
        ("charged", found.charged, expected.charged),
        ("paid in", found.paid_in, expected.paid_in),
    ];
    let Some((part, is, should)) = parts.into_iter().find(|(_, is, should)| is != should) else {
        return;
    };
    problems.add(Kind::Account, || {
        format!(
            "account of {tenant}: {part} is {} USD, and its calls and top-ups make {}",
            usd(is),
            usd(should)
        )
    });
}

fn day_differs(
    (agent, day): (AgentId, i64),
    found: (i128, i128),
    expected: (i128, i128),
    problems: &mut Problems,
) {
    let parts = [
        ("charged", found.0, expected.0),
        ("held", found.1, expected.1),
    ];
    let Some((part, is, should)) = parts.into_iter().find(|(_, is, should)| is != should) else {
        return;
    };
    problems.add(Kind::Day, || {
        format!(
            "day {day} of {agent}: {part} is {} USD, and its calls make {}",
            usd(is),
            usd(should)
        )
    });
}

fn usd(nanousd: i128) -> String {
    match i64::try_from(nanousd) {
        Ok(nanousd) => NanoUsd(nanousd).to_string(),
        Err(_) => format!("{nanousd}e-9"),
    }
}
