//! What of a batch is written: decided by what is known of the database.

use std::collections::HashSet;

use super::facts::Facts;
use crate::record::ledger::Book;
use crate::record::message::{Batch, Rows, Write};
use crate::record::opened::CallRef;
use crate::record::{NotOpened, RecordsUnavailable};
use crate::store::Key;

/// What a batch comes to.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// The places of the writes whose rows are inserted.
    pub(super) written: Vec<usize>,
    /// What they change of accounts and days.
    pub(super) book: Book,
    /// The calls that give their idempotency keys back.
    pub(super) freed: Vec<i64>,
}

impl Plan {
    /// Decides every write that has not failed, one after the other, as if each
    /// saw those before it. What opens a call that there is no money for becomes
    /// its refusal; what is not written gets its result here, unless it is a
    /// close that is there already, which is done.
    pub(super) fn of(batch: &mut Batch, facts: Facts, chain: i64) -> Self {
        let mut deciding = Deciding {
            plan: Self {
                book: facts.book,
                ..Self::default()
            },
            taken: facts.taken,
            opened: facts.opened,
            closed: facts.closed,
            chain,
        };
        let writes = batch.writes.iter_mut().zip(&mut batch.results);
        for (place, (write, result)) in writes.enumerate() {
            if result.is_ok() {
                match deciding.decide(write) {
                    Ok(true) => deciding.plan.written.push(place),
                    Ok(false) => {}
                    Err(error) => *result = Err(error),
                }
            }
        }
        deciding.plan
    }

    pub(super) fn is_empty(&self) -> bool {
        self.written.is_empty() && self.freed.is_empty()
    }
}

struct Deciding {
    plan: Plan,
    taken: HashSet<Key>,
    opened: HashSet<Key>,
    closed: HashSet<Key>,
    chain: i64,
}

impl Deciding {
    /// Whether its rows are inserted.
    fn decide(&mut self, write: &mut Write) -> Result<bool, NotOpened> {
        if let Rows::Opened(opened) = &write.rows {
            // A key that was made before the writer had to begin anew: whoever
            // looks for calls that a dead writer left would not find it.
            if !opened.key.is_of(self.chain) {
                return Err(RecordsUnavailable::Database.into());
            }
            if opened.claim.is_some() && !self.taken.contains(&opened.key) {
                return Err(NotOpened::Claimed);
            }
            if let Err(short) = self.plan.book.check(opened) {
                if opened.claim.is_some() {
                    self.plan.freed.push(opened.key.0);
                }
                write.decline(short);
            }
        }
        match &write.rows {
            Rows::Opened(opened) => {
                if !self.opened.insert(opened.key) {
                    // Another's.
                    return Err(RecordsUnavailable::Refused.into());
                }
                self.plan.book.hold(&CallRef::of(opened));
            }
            Rows::Refused(opened, _) => {
                if !self.opened.insert(opened.key) || !self.closed.insert(opened.key) {
                    return Err(RecordsUnavailable::Refused.into());
                }
            }
            Rows::Closed { call, closed, sure } => {
                let there = *sure || self.opened.contains(&call.key);
                if !there || !self.closed.insert(call.key) {
                    return Ok(false);
                }
                self.plan.book.settle(call, closed.charged_nanousd);
                if closed.kept.is_none() && call.claims {
                    self.plan.freed.push(call.key.0);
                }
            }
        }
        Ok(true)
    }
}
