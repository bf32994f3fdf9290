//! What each author may use of the sandbox: so many calls and so much time in a
//! minute, one run at a time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use http::StatusCode;

use super::purse::Purse;
use crate::admin::error::ApiError;
use crate::gateway::rate::{Bucket, Rate};
use crate::lifecycle::sandbox::Quota;

/// Accounts that nobody used for so long are full again, and forgotten.
const IDLE: Duration = Duration::from_secs(15 * 60);

/// The quotas of all authors, in memory.
#[derive(Debug)]
pub struct Quotas {
    quota: Quota,
    accounts: Mutex<HashMap<String, Arc<Account>>>,
}

#[derive(Debug)]
struct Account {
    requests: Bucket,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    purse: Purse,
    running: bool,
    used: Instant,
}

/// The one run of an author, until it is dropped.
#[derive(Debug)]
pub(super) struct Run(Arc<Account>);

impl Quotas {
    /// Nobody has used anything.
    #[must_use]
    pub fn new(quota: Quota) -> Self {
        Self {
            quota,
            accounts: Mutex::default(),
        }
    }

    /// Lets `who` in for one run.
    pub(super) fn enter(&self, who: &str) -> Result<Run, ApiError> {
        let now = Instant::now();
        // Held to the end: an account that is being used is not forgotten.
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        let account = match accounts.get(who) {
            Some(account) => Arc::clone(account),
            None => {
                accounts.retain(|_, account| account.is_used(now));
                let account = Arc::new(Account::new(self.quota, now));
                accounts.insert(who.to_owned(), Arc::clone(&account));
                account
            }
        };
        if let Some(wait) = account.requests.take().wait {
            let most = self.quota.requests;
            return Err(limited(wait, format!("{most} calls a minute are let in")));
        }
        let mut state = account.lock();
        state.used = now;
        if state.running {
            let message = "your last run is still going on, and one at a time is let in";
            return Err(limited(Duration::from_secs(1), message));
        }
        if let Some(wait) = state.purse.wait(now) {
            let seconds = self.quota.time.as_secs();
            let message = format!("{seconds} seconds of compiling and running a minute are yours");
            return Err(limited(wait, message));
        }
        state.running = true;
        drop(state);
        Ok(Run(account))
    }
}

impl Account {
    fn new(Quota { requests, time }: Quota, now: Instant) -> Self {
        Self {
            requests: Bucket::new(Rate {
                requests_per_minute: requests,
                burst: requests,
            }),
            state: Mutex::new(State {
                purse: Purse::new(time, now),
                running: false,
                used: now,
            }),
        }
    }

    fn is_used(&self, now: Instant) -> bool {
        let state = self.lock();
        state.running || now.saturating_duration_since(state.used) < IDLE
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Run {
    /// Ends it, and charges what it took.
    pub(super) fn charge(self, took: Duration) {
        self.0.lock().purse.pay(took, Instant::now());
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.0.lock().running = false;
    }
}

fn limited(wait: Duration, message: impl std::fmt::Display) -> ApiError {
    ApiError::new(
        StatusCode::TOO_MANY_REQUESTS,
        "rate_limited",
        format!("{message}; wait, or try it offline with `ainfera plugin check`, `test` or `diff`"),
    )
    .retry_after(wait)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    fn quotas(requests: u32, seconds: u64) -> Quotas {
        Quotas::new(Quota {
            requests: NonZeroU32::new(requests).unwrap(),
            time: Duration::from_secs(seconds),
        })
    }

    #[test]
    fn one_run_at_a_time_for_each() {
        let quotas = quotas(10, 30);
        let run = quotas.enter("a").unwrap();
        assert!(quotas.enter("a").is_err());
        let other = quotas.enter("b").unwrap();
        run.charge(Duration::from_secs(1));
        drop(other);
        drop(quotas.enter("a").unwrap());
        quotas.enter("b").unwrap();
    }

    #[test]
    fn calls_are_counted_and_so_is_their_time() {
        let few = quotas(2, 30);
        drop(few.enter("a").unwrap());
        drop(few.enter("a").unwrap());
        assert!(few.enter("a").is_err());
        drop(few.enter("b").unwrap());
        let short = quotas(10, 1);
        short.enter("a").unwrap().charge(Duration::from_secs(9));
        assert!(short.enter("a").is_err());
        drop(short.enter("b").unwrap());
    }
}
