//! Kills the gateway at random moments, and starts it again at once.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::Door;
use super::dice::Dice;
use super::venue::{Point, Venue};
use crate::gateway::Gateway;
use crate::postgres::Cluster;

/// How long an aimed kill waits for its moment.
const MISSED: Duration = Duration::from_millis(600);

/// When a process dies.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// So long after it listens.
    After(Duration),
    /// So long after it listens, when the next call gets to this point, and so
    /// long after that.
    At(Duration, Point, Duration),
}

/// What the kills hit.
#[derive(Clone, Debug, Default)]
pub(super) struct Kills(BTreeMap<&'static str, usize>);

impl Moment {
    fn of(dice: &mut Dice) -> Self {
        let up = Duration::from_millis(dice.within(100..350));
        let point = match dice.within(0..5) {
            0 => Point::Asked,
            1 => Point::Begun,
            2 => Point::Given,
            _ => return Self::After(up),
        };
        let jitter = if dice.one_in(3) {
            Duration::ZERO
        } else {
            Duration::from_micros(dice.within(0..2_500))
        };
        Self::At(up, point, jitter)
    }

    async fn wait(self, venue: &Venue) -> &'static str {
        match self {
            Self::After(up) => {
                tokio::time::sleep(up).await;
                "at any moment"
            }
            Self::At(up, point, jitter) => {
                tokio::time::sleep(up).await;
                let hit = tokio::time::timeout(MISSED, venue.next(point)).await;
                tokio::time::sleep(jitter).await;
                match (hit, point) {
                    (Err(_), _) => "at any moment",
                    (_, Point::Asked) => "a provider was asked",
                    (_, Point::Begun) => "a stream began",
                    (_, Point::Given) => "an answer was given",
                }
            }
        }
    }
}

impl Kills {
    fn count(&mut self, what: &'static str) {
        *self.0.entry(what).or_default() += 1;
    }

    /// How many there were.
    pub(super) fn all(&self) -> usize {
        self.0.values().sum()
    }
}

/// Where processes are killed.
pub(super) struct Scene<'a> {
    pub(super) venue: &'a Venue,
    /// Where callers find the gateway that lives.
    pub(super) door: &'a watch::Sender<Door>,
    /// The database's server, if it is to be killed too.
    pub(super) server: Option<Arc<Cluster>>,
    pub(super) seed: u64,
    pub(super) kills: usize,
}

impl Scene<'_> {
    /// Kills and restarts until so many processes died; the last one alive, and what
    /// was hit.
    pub(super) async fn kill(&self, mut gateway: Gateway) -> (Gateway, Kills) {
        let mut done = Kills::default();
        let mut dice = Dice::of(self.seed, "killer", 0);
        while done.all() < self.kills {
            done.count(Moment::of(&mut dice).wait(self.venue).await);
            let server = self.server.as_ref().filter(|_| !dice.one_in(3));
            let alone = server.is_some() && dice.one_in(2);
            if let Some(server) = server {
                if !alone {
                    self.dies(&gateway);
                }
                let down = Duration::from_millis(dice.within(0..200));
                outage(Arc::clone(server), down).await;
                done.count("the database's server");
            }
            if alone {
                // The gateway has lived through it.
                continue;
            }
            self.dies(&gateway);
            // Dies again while it starts, and closes what was left open.
            while done.all() < self.kills && dice.one_in(5) {
                let life = Duration::from_millis(dice.within(20..500));
                gateway.false_start(life).await;
                done.count("a start");
            }
            gateway = gateway.restart().await;
            self.door.send_replace(Door::of(&gateway));
        }
        (gateway, done)
    }

    /// Kills the gateway; nobody is told who waits for another.
    fn dies(&self, gateway: &Gateway) {
        self.door.send_if_modified(|door| {
            door.up = false;
            false
        });
        gateway.kill();
    }
}

/// Kills the database's server, and starts it again after so long.
async fn outage(server: Arc<Cluster>, down: Duration) {
    let outage = tokio::task::spawn_blocking(move || {
        server.kill();
        std::thread::sleep(down);
        server.resume();
    });
    outage.await.expect("a server that starts again");
}
