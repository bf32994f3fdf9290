//! The session as the committer sees it, on databases of a real server.

mod claims;
mod failing;
mod money;
mod place;
mod proxy;
mod replicas;
mod schema;
mod writing;

use std::sync::atomic::{AtomicI64, Ordering};

use sqlx::postgres::PgConnectOptions;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

use super::session::{Open, Served};
use crate::record::hold::Hold;
use crate::record::message::{Batch, Write};
use crate::record::opened::CallRef;
use crate::record::session::{Broken, Failed, Session as _};
use crate::record::{Closed, KeyMint, NotOpened, Opened, Outcome, Progress, Router};
use crate::store::{AgentId, Key, TenantId, now_us};
use place::{Outside, Place};

const AGENT: AgentId = AgentId(Key(2));
const TENANT: TenantId = TenantId(Key(1));

/// A writer of a place, and its calls.
struct Writer {
    chain: i64,
    mint: KeyMint,
    options: PgConnectOptions,
}

impl Writer {
    /// Registers another one.
    fn of(place: &Place) -> Self {
        static NEXT: AtomicI64 = AtomicI64::new(1);
        let chain = NEXT.fetch_add(1, Ordering::Relaxed);
        place.run(&format!(
            "INSERT INTO writers (id, started_us, first_key, seen_us)
                 VALUES ({chain}, 0, 0, (SELECT us FROM clock));
             INSERT INTO audit_chains VALUES
                 ({chain}, 'writer', 0, NULL, decode(repeat('00', 32), 'hex'))"
        ));
        Self {
            chain,
            mint: KeyMint::new(chain, Key(0)),
            options: place.options(),
        }
    }

    /// Connects, and again where the machine takes longer than a writer waits.
    fn connect<'r>(&self, runtime: &'r Runtime) -> Result<Served<'r>, Broken> {
        for _ in 0..20 {
            match self.connect_once(runtime) {
                Err(Broken::Late) => {}
                connected => return connected,
            }
        }
        Err(Broken::Late)
    }

    fn connect_once<'r>(&self, runtime: &'r Runtime) -> Result<Served<'r>, Broken> {
        let open = runtime.block_on(Open::connect(&self.options, self.chain));
        open.map(|open| open.on(runtime))
    }

    /// A call that is going to be made.
    fn call(&self) -> Opened {
        let model = "m".to_owned();
        Opened {
            dispatched: true,
            ..Opened::new(
                self.mint.next(),
                Router::Policy,
                TENANT,
                AGENT,
                "/v1/messages",
                model,
            )
        }
    }

    /// One that holds this much of what the tenant has.
    fn limited(&self, nanousd: i64) -> Opened {
        Opened {
            hold: Some(Hold::new(nanousd, Some(0), None)),
            ..self.call()
        }
    }
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn open(opened: &Opened) -> Write {
    Write::opened(Box::new(opened.clone()), oneshot::channel().0)
}

fn close(opened: &Opened, sure: bool) -> Write {
    charged(opened, sure, None)
}

fn charged(opened: &Opened, sure: bool, charged_nanousd: Option<i64>) -> Write {
    let closed = Closed {
        at_us: now_us(),
        latency_us: Some(1),
        outcome: Outcome::succeeded(),
        progress: Progress::default(),
        charged_nanousd,
        kept: None,
    };
    Write::closed(CallRef::of(opened), closed, sure, None)
}

fn batch(writes: impl IntoIterator<Item = Write>) -> Batch {
    let writes: Vec<_> = writes.into_iter().collect();
    Batch {
        results: vec![Ok(()); writes.len()],
        writes,
        last: false,
    }
}

/// Commits them; the result of each.
fn commit(
    session: &mut Served<'_>,
    writes: impl IntoIterator<Item = Write>,
) -> Result<Vec<Result<(), NotOpened>>, Failed> {
    let mut batch = batch(writes);
    session.commit(&mut batch)?;
    Ok(batch.results)
}

/// How often the session has awaited an answer, but for where the writer says that it
/// is there: where the machine takes its time it does so again.
fn trips(place: &Place, writer: &Writer, session: &Served<'_>) -> i64 {
    let beats = format!("SELECT count(*) FROM beats WHERE writer = {}", writer.chain);
    i64::try_from(session.trips()).unwrap() - place.number(&beats)
}

/// Whether it waited for a lock, longer than calls can wait.
fn is_late(error: &Failed) -> bool {
    let Failed::Database(Broken::Postgres(error)) = error else {
        return false;
    };
    let code = error.as_database_error().and_then(|error| error.code());
    code.as_deref() == Some("55P03")
}

/// Every event is there once, in its place: the links are those of the bodies.
fn assert_chain(place: &Place, chain: i64, events: i64) {
    let found = place.number(&format!(
        "SELECT count(*) FROM audit_events WHERE chain = {chain}"
    ));
    assert_eq!(found, events);
    let broken = place.number(&format!(
        "SELECT count(*) FROM (
             SELECT link, seq, body, row_number() OVER (ORDER BY id) AS place,
                 lag(link, 1, decode(repeat('00', 32), 'hex')) OVER (ORDER BY id) AS before
             FROM audit_events WHERE chain = {chain}) AS t
         WHERE seq <> place OR link <> sha256(before || sha256(convert_to(body, 'UTF8')))"
    ));
    assert_eq!(broken, 0);
}
