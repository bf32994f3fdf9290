//! What calls reserve and cost: the arithmetic of a batch.
//!
//! The writer decides within the commit whether a call has the money, so two
//! calls never spend the same; what it decides by is read in that transaction,
//! and only of those whom something limits.

use std::collections::BTreeMap;

use super::hold::{Shortfall, day_of};
use super::opened::{CallRef, Opened};
use crate::store::{AgentId, TenantId};

/// A tenant's account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) available: i64,
    pub(super) held: i64,
    pub(super) charged: i64,
}

/// An agent's UTC day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Day {
    pub(super) charged: i64,
    pub(super) held: i64,
}

/// What the database had, and by how much a batch changes it.
#[derive(Clone, Copy, Debug, Default)]
struct Entry<T> {
    before: T,
    change: T,
}

/// The accounts and days that a batch touches.
#[derive(Debug, Default)]
pub(super) struct Book {
    accounts: BTreeMap<TenantId, Entry<Account>>,
    days: BTreeMap<(AgentId, i64), Entry<Day>>,
}

impl Book {
    /// The tenant's account as the database has it.
    pub(super) fn has(&mut self, tenant: TenantId, account: Account) {
        self.accounts.entry(tenant).or_default().before = account;
    }

    /// The agent's day as the database has it.
    pub(super) fn had(&mut self, agent: AgentId, day: i64, spent: Day) {
        self.days.entry((agent, day)).or_default().before = spent;
    }

    /// Whether there is money for the call.
    pub(super) fn check(&self, opened: &Opened) -> Result<(), Shortfall> {
        let Some(hold) = opened.hold else {
            return Ok(());
        };
        let needed = hold.nanousd;
        if let Some(limit) = hold.credit_limit {
            let account = self.accounts.get(&opened.tenant).copied();
            let Entry { before, change } = account.unwrap_or_default();
            let left = before
                .available
                .saturating_add(change.available)
                .saturating_add(limit);
            if needed > left {
                return Err(Shortfall::Funds { needed, left });
            }
        }
        if let Some(cap) = hold.day_cap {
            let day = self
                .days
                .get(&(opened.agent, day_of(opened.at_us)))
                .copied();
            let Entry { before, change } = day.unwrap_or_default();
            let spent = [before.charged, change.charged, before.held, change.held];
            let left = spent.into_iter().fold(cap, i64::saturating_sub);
            if needed > left {
                return Err(Shortfall::DayCap { needed, left });
            }
        }
        Ok(())
    }

    /// The call opened: what it may cost is held.
    pub(super) fn hold(&mut self, call: &CallRef) {
        let Some(hold) = call.hold_nanousd else {
            return;
        };
        let account = &mut self.accounts.entry(call.tenant).or_default().change;
        account.available = account.available.saturating_sub(hold);
        account.held = account.held.saturating_add(hold);
        let day = &mut self.days.entry((call.agent, call.day)).or_default().change;
        day.held = day.held.saturating_add(hold);
    }

    /// The call closed: of what was held, `charged` is charged, above it too,
    /// and the rest is available again.
    pub(super) fn settle(&mut self, call: &CallRef, charged: Option<i64>) {
        let Some(hold) = call.hold_nanousd else {
            return;
        };
        let charged = charged.unwrap_or(0);
        let account = &mut self.accounts.entry(call.tenant).or_default().change;
        account.held = account.held.saturating_sub(hold);
        account.charged = account.charged.saturating_add(charged);
        account.available = account
            .available
            .saturating_add(hold)
            .saturating_sub(charged);
        let day = &mut self.days.entry((call.agent, call.day)).or_default().change;
        day.held = day.held.saturating_sub(hold);
        day.charged = day.charged.saturating_add(charged);
    }

    /// By how much each account changes.
    pub(super) fn accounts(&self) -> impl Iterator<Item = (TenantId, Account)> {
        let changed = |entry: &Entry<Account>| entry.change != Account::default();
        self.accounts
            .iter()
            .filter(move |(_, entry)| changed(entry))
            .map(|(tenant, entry)| (*tenant, entry.change))
    }

    /// By how much each agent's day changes.
    pub(super) fn days(&self) -> impl Iterator<Item = ((AgentId, i64), Day)> {
        let changed = |entry: &Entry<Day>| entry.change != Day::default();
        self.days
            .iter()
            .filter(move |(_, entry)| changed(entry))
            .map(|(day, entry)| (*day, entry.change))
    }
}
