//! Kills a gateway many times under mixed traffic, and holds what it has on record
//! against what the provider and the clients saw.
//!
//! Each request has a number that reaches the provider in its text, and each
//! attempt at it a session id that is recorded with the call: so what either side
//! saw is found on record even where no header ever came back.

mod attempt;
mod callers;
mod dice;
mod errand;
mod evidence;
mod invariants;
mod killer;
mod payer;
mod venue;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use attempt::Ending;
use callers::Callers;
use errand::Errand;
use evidence::Evidence;
use killer::Scene;
use payer::Payer;
use venue::Venue;

use crate::client::{Admin, Client};
use crate::gateway::{Gateway, Setup};
use crate::postgres::Cluster;
use crate::wait;

/// The counters that must stay 0.
const CAPTURE: [&str; 2] = [
    "ainfera_dispatch_without_capture_total",
    "ainfera_passthrough_captured_total",
];
/// The ends of calls that no kill is needed for.
const ENDS: [&str; 5] = [
    "succeeded",
    "failed",
    "interrupted",
    "cancelled",
    "rejected_floor",
];
/// How long the last calls and payments may take.
const LAST: Duration = Duration::from_secs(60);
/// Between two scrapes.
const SCRAPES: Duration = Duration::from_millis(40);

/// Where the gateway that lives now is found.
#[derive(Clone)]
struct Door {
    client: Client,
    admin: Admin,
    /// Whether it lives: the ports of a dead one may soon be another's.
    up: bool,
    /// Whether nothing new is to be begun.
    closing: bool,
}

impl Door {
    fn of(gateway: &Gateway) -> Self {
        Self {
            client: gateway.client(),
            admin: gateway.admin(),
            up: true,
            closing: false,
        }
    }
}

/// How much, and which.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// How many processes are killed.
    pub kills: usize,
    /// How many clients call at a time.
    pub callers: usize,
    /// What all choices are made from.
    pub seed: u64,
}

impl Run {
    /// As many kills as `AINFERA_KILLS` says, else `kills`; the choices of
    /// `AINFERA_KILL_SEED`, else new ones.
    pub fn of(kills: usize) -> Self {
        let set = |name| -> Option<u64> {
            let text = std::env::var(name).ok()?;
            let number = text.parse();
            Some(number.unwrap_or_else(|error| panic!("{name}={text}: {error}")))
        };
        let clock = || jiff::Timestamp::now().as_microsecond().unsigned_abs() % 1_000_000_000;
        Self {
            kills: set("AINFERA_KILLS").map_or(kills, |kills| kills as usize),
            callers: 8,
            seed: set("AINFERA_KILL_SEED").unwrap_or_else(clock),
        }
    }

    /// Drives a gateway of this setup through its kills; panics, with the seed,
    /// where an invariant does not hold.
    pub async fn hold(self, setup: Setup) {
        self.drive(setup, None).await;
    }

    /// The same on a database of this server, which is killed too: alone, or together
    /// with the gateway.
    pub async fn hold_with(self, server: Cluster) {
        let setup = Setup::new().database(&server.database());
        self.drive(setup, Some(Arc::new(server))).await;
    }

    async fn drive(self, setup: Setup, server: Option<Arc<Cluster>>) {
        let Self {
            kills,
            callers,
            seed,
        } = self;
        println!("AINFERA_KILL_SEED={seed} AINFERA_KILLS={kills}");
        let began = Instant::now();
        let venue = Venue::open(seed);
        let catalog = Errand::catalog(&venue.upstream.url(), &venue.upstream.openai_url());
        let gateway = setup
            .catalog(&catalog)
            // A venue that failed is called all the same.
            .config("\n[breaker]\nfailures = 0\n")
            .start()
            .await;

        let (door, open) = watch::channel(Door::of(&gateway));
        let scrapes = Scrapes::start(open.clone());
        let payer = Payer::start(&gateway.admin(), open.clone()).await;
        let callers = Callers::start(seed, callers, open);
        let scene = Scene {
            venue: &venue,
            door: &door,
            server,
            seed,
            kills,
        };
        let (gateway, hit) = scene.kill(gateway).await;
        // A slow machine's callers have not come to much between the kills.
        wait::until("enough calls", || {
            let enough = callers.made() > least_made(kills) && ended_in_all_ways(&gateway, kills);
            enough.then_some(())
        })
        .await;
        door.send_modify(|door| door.closing = true);
        wait::within(LAST, "the last calls", callers.finish()).await;
        let payments = wait::within(LAST, "the last payment", payer.finish()).await;
        let gateway = settled(gateway).await;
        callers.again(&gateway.client()).await;
        let gateway = settled(gateway).await;
        let drove = began.elapsed();

        let evidence = Evidence::collect(
            &gateway,
            (seed, scene.server.is_some(), payments),
            venue.served(),
            callers.attempts(),
            scrapes.all(),
        )
        .await;
        println!(
            "{} kills in {drove:.1?}, checked in {:.1?}: {hit:?}\n{:?}\nclients: {:?}\nprovider: {} calls, {payments} payments, {} scrapes",
            hit.all(),
            began.elapsed() - drove,
            evidence.statuses(),
            ends(&evidence),
            evidence.served.len(),
            evidence.scrapes.len(),
        );
        invariants::hold(&evidence);
        evidence.is_worth_it(kills);
    }
}

/// Restarts once more, so that a start has settled all that was left open.
async fn settled(gateway: Gateway) -> Gateway {
    let gateway = gateway.restart().await;
    let pending = || {
        let open = "SELECT count(*) FROM call_opened WHERE NOT EXISTS
            (SELECT 1 FROM call_closed WHERE call_closed.key = call_opened.key)";
        gateway.records().number(open)
    };
    if gateway.database().is_postgres() {
        // Others might live, so a dead one's calls are left alone for a while.
        wait::until("what was left open to be closed", || {
            (pending() == 0).then_some(())
        })
        .await;
    } else {
        assert_eq!(pending(), 0, "it listens before it has closed all");
    }
    gateway
}

/// More than so many attempts are to be made.
fn least_made(kills: usize) -> usize {
    5 * kills
}

/// More than so many calls are to end in each of [`ENDS`].
fn least_ended(kills: usize) -> usize {
    kills / 10
}

/// Whether enough calls have ended in each of the ways that no kill is needed for.
fn ended_in_all_ways(gateway: &Gateway, kills: usize) -> bool {
    let sql = "SELECT status, count(*) AS calls FROM call_closed GROUP BY status";
    let rows = gateway.records().query(sql);
    ENDS.iter().all(|&end| {
        let calls = rows.iter().find(|row| row["status"] == end);
        let calls = calls.and_then(|row| row["calls"].as_u64()).unwrap_or(0);
        calls > least_ended(kills) as u64
    })
}

/// How many attempts ended so.
fn ends(evidence: &Evidence) -> BTreeMap<&'static str, usize> {
    let mut ends = BTreeMap::new();
    for attempt in &evidence.attempts {
        let end = match attempt.end {
            Ending::Whole(_) if attempt.replayed() => "replayed",
            Ending::Whole(_) => "whole",
            Ending::Cut(_) => "cut",
            Ending::Error(_) => "error",
            Ending::Left => "left",
            Ending::Broken => "broken",
            Ending::Refused => "refused",
        };
        *ends.entry(end).or_default() += 1;
    }
    ends
}

impl Evidence {
    /// A run that hit nothing would prove nothing.
    fn is_worth_it(&self, kills: usize) {
        let statuses = self.statuses();
        let count = |status| statuses.get(status).copied().unwrap_or(0);
        assert!(self.attempts.len() > least_made(kills), "few calls");
        assert!(
            count("abandoned") > kills / 3,
            "few were open when killed: {statuses:?}"
        );
        for status in ENDS {
            assert!(
                count(status) > least_ended(kills),
                "few {status}: {statuses:?}"
            );
        }
        assert!(!self.scrapes.is_empty(), "no scrapes");
    }
}

/// What `/metrics` says of the capture counters, again and again.
struct Scrapes(Arc<Mutex<Vec<[Option<f64>; 2]>>>);

impl Scrapes {
    fn start(door: watch::Receiver<Door>) -> Self {
        let all = Arc::new(Mutex::default());
        let kept: Arc<Mutex<Vec<_>>> = Arc::clone(&all);
        tokio::spawn(async move {
            loop {
                let door = door.borrow().clone();
                if door.closing {
                    return;
                }
                if door.up
                    && let Some(answer) = door.client.try_get("/metrics").await
                {
                    let text = answer.text();
                    let counters = CAPTURE.map(|name| value(&text, name));
                    kept.lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push(counters);
                }
                tokio::time::sleep(SCRAPES).await;
            }
        });
        Self(all)
    }

    fn all(&self) -> Vec<[Option<f64>; 2]> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// The value of a counter without labels.
fn value(metrics: &str, name: &str) -> Option<f64> {
    let line = metrics.lines().find_map(|line| line.strip_prefix(name));
    line?.trim().parse().ok()
}
