//! The rows of a batch as the arrays of the statement that writes them.

use sqlx::Postgres;
use sqlx::postgres::PgArguments;
use sqlx::query::Query;

use super::column::Columns;
use super::statements::WRITE;
use crate::record::audit::Head;
use crate::record::claim::Kept;
use crate::record::ledger::Book;
use crate::record::message::{Batch, Rows, Write};
use crate::record::rows::{self, CLOSED, EVENT, OPENED};

/// Buffers that serve every batch.
#[derive(Debug)]
pub(super) struct Lines {
    opened: Columns,
    closed: Columns,
    event: Columns,
}

impl Lines {
    pub(super) fn new() -> Self {
        Self {
            opened: Columns::of(&OPENED),
            closed: Columns::of(&CLOSED),
            event: Columns::of(&EVENT),
        }
    }

    /// What writes these rows of a batch, the events after `head`, which moves
    /// with them.
    pub(super) fn query(
        &mut self,
        chain: i64,
        head: &mut Head,
        batch: &Batch,
        written: &[usize],
        book: &Book,
        freed: &[i64],
    ) -> Query<'static, Postgres, PgArguments> {
        for columns in [&mut self.opened, &mut self.closed, &mut self.event] {
            columns.clear();
        }
        let mut kept = (Vec::new(), Vec::new(), Vec::new());
        for write in written.iter().filter_map(|&place| batch.writes.get(place)) {
            self.row(chain, head, write);
            if let Some(Kept { head, body }) = answer(write) {
                kept.0.push(write.key().0);
                kept.1.push(head.as_str());
                kept.2.push(&body[..]);
            }
        }
        let mut query = sqlx::query(WRITE.as_str()).bind(chain);
        let tables = [&self.opened, &self.closed, &self.event];
        for column in tables.into_iter().flat_map(Columns::iter) {
            query = query.bind(column);
        }
        let accounts = |of: fn(_) -> i64| book.accounts().map(of).collect::<Vec<_>>();
        let days = |of: fn(_) -> i64| book.days().map(of).collect::<Vec<_>>();
        query
            .bind(kept.0)
            .bind(kept.1)
            .bind(kept.2)
            .bind(freed)
            .bind(accounts(|(tenant, _)| tenant.0.0))
            .bind(accounts(|(_, account)| account.available))
            .bind(accounts(|(_, account)| account.held))
            .bind(accounts(|(_, account)| account.charged))
            .bind(days(|((agent, _), _)| agent.0.0))
            .bind(days(|((_, day), _)| day))
            .bind(days(|(_, spent)| spent.charged))
            .bind(days(|(_, spent)| spent.held))
    }

    fn row(&mut self, chain: i64, head: &mut Head, write: &Write) {
        let Ok(()) = match &write.rows {
            Rows::Opened(opened) => rows::opened(opened, self.opened.row()),
            Rows::Refused(opened, closed) => {
                let Ok(()) = rows::opened(opened, self.opened.row());
                rows::closed(opened.key, closed, self.closed.row())
            }
            Rows::Closed { call, closed, .. } => rows::closed(call.key, closed, self.closed.row()),
        };
        *head = head.after(write.event.digest);
        let Ok(()) = rows::event(chain, head, &write.event, self.event.row());
    }
}

/// The answer that its idempotency key keeps.
fn answer(write: &Write) -> Option<&Kept> {
    match &write.rows {
        Rows::Closed { closed, .. } => closed.kept.as_ref(),
        Rows::Opened(_) | Rows::Refused(..) => None,
    }
}
