//! Circuit breakers: an offer that keeps failing is left alone for a while, then
//! probed by one call at a time.
//!
//! The choice among candidates knows nothing of them: it stays a function of
//! what is recorded. They only have an attempt skipped. An offer that never
//! failed has none, so a call of it costs a look into an empty map.

mod state;
#[cfg(test)]
mod tests;
mod trouble;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use arc_swap::ArcSwap;

pub use state::{Position, Rules};
use state::{State, Ticket};
use trouble::Trouble;

use crate::provider::Failure;

/// The breakers of all offers, by their ids, whatever the catalog version.
/// Cheap to clone.
#[derive(Clone)]
pub struct Breakers(Option<Arc<Shared>>);

struct Shared {
    rules: Rules,
    /// Those of offers that ever failed.
    offers: ArcSwap<HashMap<Arc<str>, Arc<Mutex<State>>>>,
}

impl Breakers {
    /// Closed ones; without rules, none ever opens.
    #[must_use]
    pub fn new(rules: Option<Rules>) -> Self {
        Self(rules.map(|rules| {
            Arc::new(Shared {
                rules,
                offers: ArcSwap::default(),
            })
        }))
    }

    /// Lets a call try `offer`; none where it is open, or half-open with a probe
    /// under way.
    #[must_use]
    pub fn admit(&self, offer: &Arc<str>) -> Option<Trial> {
        let Some(shared) = &self.0 else {
            return Some(Trial(None));
        };
        let ticket = match shared.find(offer) {
            None => Ticket::default(),
            Some(state) => lock(&state).admit(Instant::now())?,
        };
        Some(shared.trial(offer, ticket))
    }

    /// What the breakers of all offers that ever failed let through now.
    #[must_use]
    pub fn positions(&self) -> Vec<(Arc<str>, Position)> {
        let Some(shared) = &self.0 else {
            return Vec::new();
        };
        let (offers, now) = (shared.offers.load(), Instant::now());
        let offers = offers.iter();
        offers
            .map(|(offer, state)| (Arc::clone(offer), lock(state).position(now)))
            .collect()
    }

    /// Lets a call try `offer` even if it is open.
    pub fn force(&self, offer: &Arc<str>) -> Trial {
        let Some(shared) = &self.0 else {
            return Trial(None);
        };
        let ticket = shared
            .find(offer)
            .map_or_else(Ticket::default, |state| lock(&state).force());
        shared.trial(offer, ticket)
    }
}

impl Shared {
    fn find(&self, offer: &str) -> Option<Arc<Mutex<State>>> {
        self.offers.load().get(offer).map(Arc::clone)
    }

    fn find_or_make(&self, offer: &Arc<str>) -> Arc<Mutex<State>> {
        loop {
            if let Some(state) = self.find(offer) {
                return state;
            }
            self.offers.rcu(|now| {
                let mut next = HashMap::clone(now);
                next.entry(Arc::clone(offer)).or_default();
                next
            });
        }
    }

    fn trial(self: &Arc<Self>, offer: &Arc<str>, ticket: Ticket) -> Trial {
        Trial(Some(Inner {
            shared: Arc::clone(self),
            offer: Arc::clone(offer),
            ticket,
        }))
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    // No step of the state machine can be left half done.
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One try of one offer, to be told how it went. Dropped untold, as when the
/// client leaves, it says nothing of the offer.
#[must_use]
#[derive(Default)]
pub struct Trial(Option<Inner>);

struct Inner {
    shared: Arc<Shared>,
    offer: Arc<str>,
    ticket: Ticket,
}

impl Trial {
    /// The first event is here. What follows may still fail.
    pub fn began(&self) {
        if let Some(inner) = &self.0
            && let Some(state) = inner.shared.find(&inner.offer)
        {
            let closed = lock(&state).began(inner.ticket, &inner.shared.rules);
            inner.tell(closed);
        }
    }

    /// The answer is whole.
    pub fn succeeded(self) {
        if let Some(inner) = self.0
            && let Some(state) = inner.shared.find(&inner.offer)
        {
            let closed = lock(&state).succeeded(inner.ticket);
            inner.tell(closed);
        }
    }

    /// The call failed, before its first event or after it. Where that is the
    /// request's fault it says nothing of the offer.
    pub fn failed(self, failure: &Failure) {
        if let Some(inner) = self.0
            && let Some(trouble) = Trouble::of(failure)
        {
            let rules = &inner.shared.rules;
            let state = inner.shared.find_or_make(&inner.offer);
            let opened = lock(&state).failed(inner.ticket, trouble, Instant::now(), rules);
            if let Some(wait) = opened {
                let open_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
                tracing::warn!(offer = %inner.offer, open_ms, "breaker_opened");
            }
        }
    }
}

impl Inner {
    fn tell(&self, closed: bool) {
        if closed {
            tracing::info!(offer = %self.offer, "breaker_closed");
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if self.ticket.probe
            && let Some(state) = self.shared.find(&self.offer)
        {
            lock(&state).left(self.ticket);
        }
    }
}
