//! One connection that has not failed yet.

use std::time::{Duration, Instant};

use sqlx::Row as _;
use sqlx::postgres::PgConnectOptions;
use tokio::runtime::Runtime;

use super::facts::{Facts, Wants};
use super::lines::Lines;
use super::link::{Link, Trouble};
use super::plan::Plan;
use super::statements::{BEAT, CONNECTION_LOCK, HEAD, LOCK, READ, UNLOCK, WRITE};
use crate::record::audit::Head;
use crate::record::ledger::Book;
use crate::record::message::Batch;
use crate::record::session::{Broken, Failed, Session};
use crate::store::Digest;
use crate::store::audit::row_id;

/// How often the writer says that it is there.
const SILENCE: Duration = Duration::from_secs(2);

/// How often a batch is tried where others are in the way.
const ATTEMPTS: usize = 5;

/// A connection, and where the writer's chain ends.
pub(super) struct Open {
    link: Link,
    lines: Lines,
    chain: i64,
    head: Head,
    /// When the writer last said that it is there.
    beat: Instant,
}

/// It, on the writer's thread.
pub(super) struct Served<'r> {
    open: Open,
    runtime: &'r Runtime,
}

impl Open {
    /// Connects, and ends the connection before.
    ///
    /// # Errors
    /// [`Broken::Expired`] where the writer was taken for dead.
    pub(super) async fn connect(options: &PgConnectOptions, chain: i64) -> Result<Self, Broken> {
        let mut open = Self {
            link: Link::connect(options).await?,
            lines: Lines::new(),
            chain,
            head: Head {
                seq: 0,
                link: Digest::default(),
            },
            beat: Instant::now(),
        };
        let ready = open.take_over().await;
        ready.map_err(Trouble::broken)?;
        Ok(open)
    }

    pub(super) fn on(self, runtime: &Runtime) -> Served<'_> {
        Served {
            open: self,
            runtime,
        }
    }

    async fn take_over(&mut self) -> Result<(), Trouble> {
        let writer = i32::try_from(self.chain).unwrap_or(i32::MAX);
        for statement in [UNLOCK, LOCK] {
            let lock = sqlx::query(statement).bind(CONNECTION_LOCK).bind(writer);
            self.link.fetch(lock).await?;
        }
        self.touch(None).await?;
        let head = sqlx::query(HEAD)
            .bind(self.chain)
            .bind(row_id(self.chain, 0))
            .bind(row_id(self.chain + 1, 0));
        let head = self.link.fetch(head).await?;
        let head = head.first().ok_or(sqlx::Error::RowNotFound);
        let head = head.and_then(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
        let (seq, link): (i64, Vec<u8>) = head.map_err(unreadable)?;
        let link = Digest::try_from(link);
        let link = link.map_err(|error| unreadable(sqlx::Error::Decode(error.into())))?;
        self.head = Head { seq, link };
        for statement in [WRITE.as_str(), READ, BEAT] {
            self.link.prepare(statement).await?;
        }
        Ok(())
    }

    async fn touch(&mut self, ended_us: Option<i64>) -> Result<(), Trouble> {
        let began = Instant::now();
        let beat = sqlx::query(BEAT).bind(self.chain).bind(ended_us);
        if self.link.execute(beat).await? == 0 {
            return Err(Trouble::Refused(Broken::Expired));
        }
        self.beat = began;
        Ok(())
    }

    async fn commit(&mut self, batch: &mut Batch) -> Result<(), Failed> {
        if self.beat.elapsed() >= SILENCE {
            let beat = self.touch(None).await;
            beat.map_err(|trouble| Failed::Database(trouble.broken()))?;
        }
        let mut careful = false;
        for attempt in 1.. {
            let mut plan = Plan::default();
            let Err(trouble) = self.attempt(batch, &mut plan, careful).await else {
                break;
            };
            match trouble {
                Trouble::Row(error) => {
                    let place = self.bad_row(batch, &plan.written).await;
                    return Err(match place.map_err(Trouble::failed)? {
                        Some(place) => Failed::Row(place, error.into()),
                        None => Failed::Database(error.into()),
                    });
                }
                Trouble::There(_) if attempt < ATTEMPTS => careful = true,
                Trouble::InTheWay(_) if attempt < ATTEMPTS => {}
                trouble => return Err(trouble.failed()),
            }
        }
        for (write, result) in batch.writes.iter().zip(&mut batch.results) {
            if result.is_ok() {
                *result = write.verdict();
            }
        }
        Ok(())
    }

    /// Decides a batch and writes it. After an error no transaction is open,
    /// unless the connection is to be given up.
    async fn attempt(
        &mut self,
        batch: &mut Batch,
        plan: &mut Plan,
        careful: bool,
    ) -> Result<(), Trouble> {
        let wants = Wants::of(batch, careful);
        if wants.is_empty() {
            *plan = Plan::of(batch, Facts::default(), self.chain);
            if plan.is_empty() {
                return Ok(());
            }
            self.head = self.write(batch, plan).await?;
            return Ok(());
        }
        self.link
            .run("BEGIN")
            .await
            .map_err(Trouble::before_commit)?;
        match self.decide_and_write(batch, plan, &wants).await {
            Ok(head) => {
                self.link.run("COMMIT").await?;
                self.head = head;
                Ok(())
            }
            Err(trouble @ (Trouble::Refused(_) | Trouble::Silent(_))) => {
                Err(trouble.before_commit())
            }
            Err(trouble) => {
                self.rollback().await?;
                Err(trouble)
            }
        }
    }

    async fn decide_and_write(
        &mut self,
        batch: &mut Batch,
        plan: &mut Plan,
        wants: &Wants,
    ) -> Result<Head, Trouble> {
        let facts = self.link.fetch(wants.query()).await?;
        let facts = Facts::read(&facts, wants).map_err(unreadable)?;
        *plan = Plan::of(batch, facts, self.chain);
        self.write(batch, plan).await
    }

    /// Answers the head after it.
    async fn write(&mut self, batch: &Batch, plan: &Plan) -> Result<Head, Trouble> {
        self.insert(batch, &plan.written, &plan.book, &plan.freed)
            .await
    }

    async fn insert(
        &mut self,
        batch: &Batch,
        written: &[usize],
        book: &Book,
        freed: &[i64],
    ) -> Result<Head, Trouble> {
        let mut head = self.head;
        let query = self
            .lines
            .query(self.chain, &mut head, batch, written, book, freed);
        let rows = self.link.fetch(query).await?;
        let alive = rows.first().ok_or(sqlx::Error::RowNotFound);
        if alive.and_then(|row| row.try_get(0)).map_err(unreadable)? {
            Ok(head)
        } else {
            Err(Trouble::Refused(Broken::Expired))
        }
    }

    /// The one of these writes that the database refuses, if there is one: half
    /// of what is left at a time. Nothing of it is committed.
    async fn bad_row(
        &mut self,
        batch: &Batch,
        mut among: &[usize],
    ) -> Result<Option<usize>, Trouble> {
        while among.len() > 1 {
            let (first, second) = among.split_at(among.len() / 2);
            let refused = self.is_refused(batch, first).await;
            among = if refused.map_err(Trouble::before_commit)? {
                first
            } else {
                second
            };
        }
        let refused = self.is_refused(batch, among).await;
        let refused = refused.map_err(Trouble::before_commit)?;
        Ok(among.first().copied().filter(|_| refused))
    }

    async fn is_refused(&mut self, batch: &Batch, written: &[usize]) -> Result<bool, Trouble> {
        self.link.run("BEGIN").await?;
        let inserted = self.insert(batch, written, &Book::default(), &[]).await;
        let refused = match inserted {
            Err(trouble @ (Trouble::Refused(_) | Trouble::Silent(_))) => return Err(trouble),
            other => matches!(other, Err(Trouble::Row(_))),
        };
        self.rollback().await?;
        Ok(refused)
    }

    async fn rollback(&mut self) -> Result<(), Trouble> {
        let back = self.link.run("ROLLBACK").await;
        back.map_err(Trouble::before_commit)
    }
}

#[cfg(test)]
impl Served<'_> {
    /// How often an answer was awaited.
    pub(super) fn trips(&self) -> u64 {
        self.open.link.trips()
    }
}

impl Session for Served<'_> {
    fn commit(&mut self, batch: &mut Batch) -> Result<(), Failed> {
        self.runtime.block_on(self.open.commit(batch))
    }

    fn touch(&mut self, ended_us: Option<i64>) -> Result<(), Broken> {
        let touched = self.runtime.block_on(self.open.touch(ended_us));
        touched.map_err(Trouble::broken)
    }

    fn heartbeat(&self) -> Option<Duration> {
        Some(SILENCE.saturating_sub(self.open.beat.elapsed()))
    }
}

/// What is in the database is not what this version wrote.
fn unreadable(error: sqlx::Error) -> Trouble {
    Trouble::Refused(error.into())
}
