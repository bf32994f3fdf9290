//! One offer's breaker: a state machine that is told the time.

use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use super::trouble::Trouble;

/// When a breaker opens, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Failures in a row that open it.
    pub failures: NonZeroU32,
    /// How long it is open the first time; twice as long each time after that
    /// without a success in between.
    pub open: Duration,
    /// The longest that it is open, whatever a provider asks for.
    pub max_open: Duration,
}

/// What a try was let in with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Ticket {
    /// Openings before it. What began before the last one says nothing of
    /// how the offer is since.
    epoch: u64,
    /// Whether it is the one that probes.
    pub(super) probe: bool,
}

#[derive(Debug, Default)]
pub(super) struct State {
    epoch: u64,
    /// In a row, while closed.
    failures: u32,
    /// Since the last success: how far the time has grown.
    backoffs: u32,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    /// Then it is half-open: one probe at a time is let in.
    until: Instant,
    probing: bool,
}

/// What a breaker lets through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// Every call.
    Closed,
    /// One call, which probes it.
    HalfOpen,
    /// No call.
    Open,
}

impl State {
    /// What it lets through now.
    pub(super) fn position(&self, now: Instant) -> Position {
        match &self.open {
            None => Position::Closed,
            Some(open) if now >= open.until => Position::HalfOpen,
            Some(_) => Position::Open,
        }
    }

    /// Lets a try in, unless it is open.
    pub(super) fn admit(&mut self, now: Instant) -> Option<Ticket> {
        let epoch = self.epoch;
        match &mut self.open {
            None => Some(Ticket {
                epoch,
                probe: false,
            }),
            Some(open) if now >= open.until && !open.probing => {
                open.probing = true;
                Some(Ticket { epoch, probe: true })
            }
            Some(_) => None,
        }
    }

    /// Lets a try in that is made whatever the state.
    pub(super) fn force(&self) -> Ticket {
        Ticket {
            epoch: self.epoch,
            probe: false,
        }
    }

    /// The answer has begun. It closes, on probation until an answer is whole:
    /// the next failure opens it again. Tells whether it was open.
    pub(super) fn began(&mut self, ticket: Ticket, rules: &Rules) -> bool {
        let closes = ticket.epoch == self.epoch && self.open.take().is_some();
        if closes {
            self.failures = rules.failures.get() - 1;
        }
        closes
    }

    /// The answer is whole. Tells whether it was open.
    pub(super) fn succeeded(&mut self, ticket: Ticket) -> bool {
        if ticket.epoch != self.epoch {
            return false;
        }
        self.failures = 0;
        self.backoffs = 0;
        self.open.take().is_some()
    }

    /// The offer failed. Tells for how long it opens, if it does.
    pub(super) fn failed(
        &mut self,
        ticket: Ticket,
        trouble: Trouble,
        now: Instant,
        rules: &Rules,
    ) -> Option<Duration> {
        if ticket.epoch != self.epoch {
            return None;
        }
        let opens = match &self.open {
            // A try that was made although it is open tells nothing new.
            Some(open) => ticket.probe || now >= open.until,
            None => {
                self.failures = self.failures.saturating_add(1);
                self.failures >= rules.failures.get() || matches!(trouble, Trouble::Busy(_))
            }
        };
        opens.then(|| self.open(trouble, now, rules))
    }

    /// The try ended without telling anything of the offer.
    pub(super) fn left(&mut self, ticket: Ticket) {
        if let Some(open) = &mut self.open
            && ticket.probe
            && ticket.epoch == self.epoch
        {
            open.probing = false;
        }
    }

    fn open(&mut self, trouble: Trouble, now: Instant, rules: &Rules) -> Duration {
        let asked = match trouble {
            Trouble::Busy(wait) => wait,
            Trouble::Down => {
                let factor = 1_u32.checked_shl(self.backoffs).unwrap_or(u32::MAX);
                self.backoffs = self.backoffs.saturating_add(1);
                rules.open.saturating_mul(factor)
            }
        };
        let wait = asked.min(rules.max_open);
        self.epoch += 1;
        self.failures = 0;
        self.open = Some(Open {
            until: now + wait,
            probing: false,
        });
        wait
    }
}
