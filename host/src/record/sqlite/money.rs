//! Reading what calls are held against, and writing what they changed.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension as _, Statement};

use crate::record::ledger::{Account, Book, Day};
use crate::record::message::Batch;

/// The statements.
pub(super) struct Money<'c> {
    account: Statement<'c>,
    day: Statement<'c>,
    change_account: Statement<'c>,
    change_day: Statement<'c>,
}

impl<'c> Money<'c> {
    pub(super) fn prepare(connection: &'c Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            account: connection.prepare(
                "SELECT available_nanousd, held_nanousd, charged_nanousd
                 FROM ledger_accounts WHERE tenant = ?",
            )?,
            day: connection.prepare(
                "SELECT charged_nanousd, held_nanousd FROM ledger_days
                 WHERE agent = ? AND day = ?",
            )?,
            change_account: connection.prepare(
                "INSERT INTO ledger_accounts VALUES (?1, ?2, ?3, ?4, 0)
                 ON CONFLICT (tenant) DO UPDATE SET
                     available_nanousd = available_nanousd + ?2,
                     held_nanousd = held_nanousd + ?3,
                     charged_nanousd = charged_nanousd + ?4",
            )?,
            change_day: connection.prepare(
                "INSERT INTO ledger_days VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (agent, day) DO UPDATE SET
                     charged_nanousd = charged_nanousd + ?3,
                     held_nanousd = held_nanousd + ?4",
            )?,
        })
    }

    /// What the calls that a batch opens are limited by.
    pub(super) fn read(&mut self, batch: &Batch) -> rusqlite::Result<Book> {
        let mut book = Book::default();
        for tenant in batch.limited_tenants().collect::<BTreeSet<_>>() {
            let account = self.account.query_row([tenant.0.0], |row| {
                Ok(Account {
                    available: row.get(0)?,
                    held: row.get(1)?,
                    charged: row.get(2)?,
                })
            });
            book.has(tenant, account.optional()?.unwrap_or_default());
        }
        for (agent, day) in batch.limited_days().collect::<BTreeSet<_>>() {
            let spent = self.day.query_row((agent.0.0, day), |row| {
                Ok(Day {
                    charged: row.get(0)?,
                    held: row.get(1)?,
                })
            });
            book.had(agent, day, spent.optional()?.unwrap_or_default());
        }
        Ok(book)
    }

    /// Changes the accounts and the days.
    pub(super) fn write(&mut self, book: &Book) -> rusqlite::Result<()> {
        for (tenant, account) in book.accounts() {
            let Account {
                available,
                held,
                charged,
            } = account;
            self.change_account
                .execute((tenant.0.0, available, held, charged))?;
        }
        for ((agent, day), spent) in book.days() {
            self.change_day
                .execute((agent.0.0, day, spent.charged, spent.held))?;
        }
        Ok(())
    }
}
