//! The routed calls of a span of time, read in pages that can wait for each
//! other: nothing is locked in between.

use super::calls::{Decision, Inputs};
use super::on::run;
use super::{Key, Store, StoreError};

/// Decisions that are read at once.
const PAGE: u32 = 1_000;

/// A key is made when the first byte of a call is read, and the call admitted
/// when the last is: at most this much later, in milliseconds.
const ADMISSION_MS: i64 = 60 * 60 * 1_000;

/// Which routed calls: by the time of their admission in microseconds since the
/// Unix epoch, by their keys, or both.
#[derive(Clone, Copy, Debug, Default)]
pub struct Window {
    /// Not before this.
    pub since_us: Option<i64>,
    /// Before this.
    pub until_us: Option<i64>,
    /// Not before this one.
    pub first: Option<Key>,
    /// Not after this one.
    pub last: Option<Key>,
    /// Only so many, the latest ones.
    pub latest: Option<u32>,
}

/// A walk through the decisions of a [`Window`], the earliest first, up to those
/// that are there when it begins.
pub struct History<'a> {
    store: &'a Store,
    after: Key,
    last: Key,
    since_us: i64,
    until_us: i64,
}

impl<'a> History<'a> {
    /// Begins at the first one.
    pub async fn open(store: &'a Store, window: Window) -> Result<Self, StoreError> {
        let since_us = window.since_us.unwrap_or(i64::MIN);
        let since_ms = (since_us / 1_000).saturating_sub(super::KEY_EPOCH_MS + ADMISSION_MS);
        let last: Option<Key> = run!(
            store,
            fetch_one,
            sqlx::query_scalar("SELECT max(key) FROM call_opened")
        )?;
        let after = (since_ms.clamp(0, i64::MAX >> Key::TIME_SHIFT) << Key::TIME_SHIFT) - 1;
        let first = window.first.map_or(i64::MIN, |first| first.0 - 1);
        let last = last.unwrap_or(Key(-1));
        let mut history = Self {
            store,
            after: Key(after.max(first)),
            last: window.last.map_or(last, |end| last.min(end)),
            since_us,
            until_us: window.until_us.unwrap_or(i64::MAX),
        };
        if let Some(latest) = window.latest {
            history.after = history.before_the_latest(latest).await?;
        }
        Ok(history)
    }

    /// The key after which there are `count` decisions, or all.
    async fn before_the_latest(&self, count: u32) -> Result<Key, StoreError> {
        let sql = "SELECT key FROM call_opened
                   WHERE router = 'policy' AND key > $1 AND key <= $2 AND at_us >= $3 AND at_us < $4
                   ORDER BY key DESC LIMIT 1 OFFSET $5";
        let before: Option<Key> = run!(
            self.store,
            fetch_optional,
            sqlx::query_scalar(sql)
                .bind(self.after)
                .bind(self.last)
                .bind(self.since_us)
                .bind(self.until_us)
                .bind(i64::from(count))
        )?;
        Ok(before.unwrap_or(self.after))
    }

    /// The next page; an empty one at the end.
    pub async fn page(&mut self) -> Result<Vec<Decision>, StoreError> {
        let sql = "SELECT * FROM routing_outcomes
                   WHERE key > $1 AND key <= $2 AND opened_us >= $3 AND opened_us < $4
                   ORDER BY key LIMIT $5";
        let rows: Vec<Row<Decision>> = run!(
            self.store,
            fetch_all,
            sqlx::query_as(sql)
                .bind(self.after)
                .bind(self.last)
                .bind(self.since_us)
                .bind(self.until_us)
                .bind(i64::from(PAGE))
        )?;
        Ok(self.past(rows))
    }

    /// The next page, of what decisions are made from alone; an empty one at the
    /// end.
    pub async fn inputs(&mut self) -> Result<Vec<Inputs>, StoreError> {
        let sql = "SELECT key, request_id, agent_id, requested, resolver_date, preference,
                       min_quality, base_floor, gates, max_cost, call_cap_nanousd, candidates
                   FROM routing_outcomes
                   WHERE key > $1 AND key <= $2 AND opened_us >= $3 AND opened_us < $4
                   ORDER BY key LIMIT $5";
        let rows: Vec<Row<Inputs>> = run!(
            self.store,
            fetch_all,
            sqlx::query_as(sql)
                .bind(self.after)
                .bind(self.last)
                .bind(self.since_us)
                .bind(self.until_us)
                .bind(i64::from(PAGE))
        )?;
        Ok(self.past(rows))
    }

    /// Goes on after `rows`.
    fn past<T>(&mut self, rows: Vec<Row<T>>) -> Vec<T> {
        if let Some(row) = rows.last() {
            self.after = row.key;
        }
        rows.into_iter().map(|row| row.call).collect()
    }

    /// The pinned calls among those that have not been read: they have no decision.
    pub async fn pinned(&self) -> Result<i64, StoreError> {
        let sql = "SELECT count(*) FROM call_opened
                   WHERE router <> 'policy' AND key > $1 AND key <= $2 AND at_us >= $3 AND at_us < $4";
        Ok(run!(
            self.store,
            fetch_one,
            sqlx::query_scalar(sql)
                .bind(self.after)
                .bind(self.last)
                .bind(self.since_us)
                .bind(self.until_us)
        )?)
    }
}

#[derive(sqlx::FromRow)]
struct Row<T> {
    key: Key,
    #[sqlx(flatten)]
    call: T,
}
