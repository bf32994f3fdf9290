//! The routed calls of a span of time, read in pages that can wait for each
//! other: nothing is locked in between.

use super::calls::Decision;
use super::on::run;
use super::{Key, Store, StoreError};

/// Decisions that are read at once.
const PAGE: u32 = 1_000;

/// A key is made when the first byte of a call is read, and the call admitted
/// when the last is: at most this much later, in milliseconds.
const ADMISSION_MS: i64 = 60 * 60 * 1_000;

/// Which routed calls, by the time of their admission in microseconds since the
/// Unix epoch.
#[derive(Clone, Copy, Debug, Default)]
pub struct Window {
    /// Not before this.
    pub since_us: Option<i64>,
    /// Before this.
    pub until_us: Option<i64>,
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
        let mut history = Self {
            store,
            after: Key((since_ms.clamp(0, i64::MAX >> Key::TIME_SHIFT) << Key::TIME_SHIFT) - 1),
            last: last.unwrap_or(Key(-1)),
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
        let rows: Vec<Row> = run!(
            self.store,
            fetch_all,
            sqlx::query_as(sql)
                .bind(self.after)
                .bind(self.last)
                .bind(self.since_us)
                .bind(self.until_us)
                .bind(i64::from(PAGE))
        )?;
        if let Some(row) = rows.last() {
            self.after = row.key;
        }
        Ok(rows.into_iter().map(|row| row.decision).collect())
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
struct Row {
    key: Key,
    #[sqlx(flatten)]
    decision: Decision,
}
