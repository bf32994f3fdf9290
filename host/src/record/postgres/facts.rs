//! What must be known of the database before a batch is written. Of most batches
//! nothing: then it is one statement.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::{Postgres, Row as _};

use super::statements::READ;
use crate::record::claim::Claim;
use crate::record::hold::day_of;
use crate::record::ledger::{Account, Book, Day};
use crate::record::message::{Batch, Rows};
use crate::store::{AgentId, Digest, Key, TenantId};

/// What to ask for. All in the order of their numbers, so that two writers never
/// wait for each other.
#[derive(Debug, Default)]
pub(super) struct Wants {
    /// For each scope those that get it one after the other, if it is free.
    claims: BTreeMap<Digest, Vec<(Claim, Key)>>,
    /// When the latest of them came.
    at_us: i64,
    tenants: BTreeSet<TenantId>,
    days: BTreeSet<(AgentId, i64)>,
    opened: Vec<i64>,
    closed: Vec<i64>,
}

impl Wants {
    /// Of a batch; of all its calls whether they are there, if some turned out
    /// to be.
    pub(super) fn of(batch: &Batch, careful: bool) -> Self {
        let mut wants = Self::default();
        let mut opens = HashSet::new();
        let writes = || {
            let writes = batch.writes.iter().zip(&batch.results);
            writes.filter_map(|(write, result)| result.is_ok().then_some(write))
        };
        for write in writes() {
            match &write.rows {
                Rows::Opened(opened) => {
                    opens.insert(opened.key);
                    if let Some(claim) = opened.claim {
                        wants.at_us = wants.at_us.max(opened.at_us);
                        let claims = wants.claims.entry(claim.scope).or_default();
                        let before = claims.last();
                        if before.is_none_or(|(before, _)| before.expires_us <= opened.at_us) {
                            claims.push((claim, opened.key));
                        }
                    }
                }
                // One that is sure is sure to be there only in the database.
                Rows::Closed { call, sure, .. }
                    if careful || !(*sure || opens.contains(&call.key)) =>
                {
                    wants.opened.push(call.key.0);
                }
                Rows::Closed { .. } | Rows::Refused(..) => {}
            }
            if careful {
                wants.opened.push(write.key().0);
                wants.closed.push(write.key().0);
            }
        }
        let limited =
            batch.limited_tenants().next().is_some() || batch.limited_days().next().is_some();
        if limited {
            // Also those that are not limited: they will be changed, and are
            // locked in one order.
            for write in writes() {
                let (tenant, agent, day) = match &write.rows {
                    Rows::Opened(opened) if opened.hold.is_some() => {
                        (opened.tenant, opened.agent, day_of(opened.at_us))
                    }
                    Rows::Closed { call, .. } if call.hold_nanousd.is_some() => {
                        (call.tenant, call.agent, call.day)
                    }
                    _ => continue,
                };
                wants.tenants.insert(tenant);
                wants.days.insert((agent, day));
            }
        }
        wants
    }

    pub(super) fn is_empty(&self) -> bool {
        let Self {
            claims,
            at_us: _,
            tenants,
            days,
            opened,
            closed,
        } = self;
        claims.is_empty()
            && tenants.is_empty()
            && days.is_empty()
            && opened.is_empty()
            && closed.is_empty()
    }

    /// What asks for it.
    pub(super) fn query(&self) -> Query<'static, Postgres, PgArguments> {
        let claims = || self.claims.values().filter_map(|claims| claims.last());
        let scopes: Vec<_> = claims().map(|(claim, _)| claim.scope.0).collect();
        let bodies: Vec<_> = claims().map(|(claim, _)| claim.body.0).collect();
        let calls: Vec<_> = claims().map(|(_, call)| call.0).collect();
        let ends: Vec<_> = claims().map(|(claim, _)| claim.expires_us).collect();
        let tenants: Vec<_> = self.tenants.iter().map(|tenant| tenant.0.0).collect();
        let agents: Vec<_> = self.days.iter().map(|(agent, _)| agent.0.0).collect();
        let days: Vec<_> = self.days.iter().map(|(_, day)| *day).collect();
        sqlx::query(READ)
            .bind(scopes)
            .bind(bodies)
            .bind(calls)
            .bind(ends)
            .bind(self.at_us)
            .bind(tenants)
            .bind(agents)
            .bind(days)
            .bind(self.opened.as_slice())
            .bind(self.closed.as_slice())
    }
}

/// The answer.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// The calls that have taken their idempotency keys.
    pub(super) taken: HashSet<Key>,
    /// What calls are held against.
    pub(super) book: Book,
    /// Of the calls that were asked for, those that were opened.
    pub(super) opened: HashSet<Key>,
    /// And those that were closed.
    pub(super) closed: HashSet<Key>,
}

impl Facts {
    pub(super) fn read(rows: &[PgRow], wants: &Wants) -> Result<Self, sqlx::Error> {
        let mut facts = Self::default();
        for row in rows {
            let number = |at: usize| row.try_get::<i64, _>(at);
            let (what, key) = (number(0)?, Key(number(1)?));
            match what {
                0 => {
                    facts.taken.insert(key);
                }
                1 => {
                    let account = Account {
                        available: number(2)?,
                        held: number(3)?,
                        charged: number(4)?,
                    };
                    facts.book.has(TenantId(key), account);
                }
                2 => {
                    let spent = Day {
                        charged: number(3)?,
                        held: number(4)?,
                    };
                    facts.book.had(AgentId(key), number(2)?, spent);
                }
                3 => {
                    facts.opened.insert(key);
                }
                _ => {
                    facts.closed.insert(key);
                }
            }
        }
        for claims in wants.claims.values() {
            let last = claims.last().map(|(_, call)| call);
            if last.is_some_and(|call| facts.taken.contains(call)) {
                facts.taken.extend(claims.iter().map(|(_, call)| call));
            }
        }
        Ok(facts)
    }
}
