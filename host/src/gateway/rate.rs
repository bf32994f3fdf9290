//! How often a key may call: a bucket for each, in memory.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, MonotonicClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use jiff::{RoundMode, Timestamp, TimestampRound, Unit};

use crate::dialect::Dialect;

/// What a key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How fast its bucket fills.
    pub requests_per_minute: NonZeroU32,
    /// How many requests it holds.
    pub burst: NonZeroU32,
}

/// The requests that one key has left.
#[derive(Debug)]
pub struct Bucket<C: Clock = MonotonicClock> {
    limiter: RateLimiter<NotKeyed, InMemoryState, C, StateInformationMiddleware>,
    clock: C,
    quota: Quota,
}

/// Where a key stands after a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// How many requests a full bucket holds.
    pub limit: u32,
    /// How many it holds now.
    pub remaining: u32,
    /// After how long without a request it is full.
    pub reset: Duration,
    /// After how long a request will be let in; none where this one was.
    pub wait: Option<Duration>,
}

impl Bucket {
    /// A full one.
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        Self::with_clock(rate, MonotonicClock)
    }
}

impl<C: Clock + Clone> Bucket<C> {
    fn with_clock(rate: Rate, clock: C) -> Self {
        let quota = quota(rate);
        let limiter = RateLimiter::direct_with_clock(quota, clock.clone()).with_middleware();
        Self {
            limiter,
            clock,
            quota,
        }
    }

    /// Whether it fills and holds as `rate` says.
    pub fn is_of(&self, rate: Rate) -> bool {
        self.quota == quota(rate)
    }

    /// Takes a request out, if there is one.
    pub fn take(&self) -> Standing {
        let limit = self.quota.burst_size().get();
        let every = self.quota.replenish_interval();
        match self.limiter.check() {
            Ok(state) => {
                let remaining = state.remaining_burst_capacity();
                Standing {
                    limit,
                    remaining,
                    // The one that is on its way counts as missing whole.
                    reset: every * limit.saturating_sub(remaining),
                    wait: None,
                }
            }
            Err(refused) => {
                let wait = refused.wait_time_from(self.clock.now());
                Standing {
                    limit,
                    remaining: 0,
                    reset: wait + every * (limit - 1),
                    wait: Some(wait),
                }
            }
        }
    }
}

/// The most of either number: a full bucket's time in nanoseconds fits 64 bits.
pub const MOST: NonZeroU32 = NonZeroU32::new(1_000_000).unwrap();

fn quota(rate: Rate) -> Quota {
    Quota::per_minute(rate.requests_per_minute.min(MOST)).allow_burst(rate.burst.min(MOST))
}

impl Standing {
    /// The headers of an answer: Anthropic's names with the moment of the reset
    /// in RFC 3339, or OpenAI's with the time until it.
    pub fn headers(&self, dialect: Dialect, now: Timestamp) -> [(&'static str, String); 3] {
        let (limit, remaining) = (self.limit.to_string(), self.remaining.to_string());
        if dialect == Dialect::Anthropic {
            let full = now.checked_add(self.reset).unwrap_or(Timestamp::MAX);
            let up = TimestampRound::new()
                .smallest(Unit::Second)
                .mode(RoundMode::Ceil);
            let at = full.round(up).unwrap_or(full);
            return [
                ("anthropic-ratelimit-requests-limit", limit),
                ("anthropic-ratelimit-requests-remaining", remaining),
                ("anthropic-ratelimit-requests-reset", at.to_string()),
            ];
        }
        let reset = format!("{}s", rounded(self.reset));
        [
            ("x-ratelimit-limit-requests", limit),
            ("x-ratelimit-remaining-requests", remaining),
            ("x-ratelimit-reset-requests", reset),
        ]
    }
}

/// Whole seconds, rounded up: whoever waits so long has waited long enough.
pub fn seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

/// Seconds with at most three fractional digits, rounded up.
fn rounded(time: Duration) -> f64 {
    let millis = time.as_nanos().div_ceil(1_000_000);
    Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX)).as_secs_f64()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use governor::clock::FakeRelativeClock;
    use proptest::prelude::*;

    use super::*;

    fn bucket(per_minute: u32, burst: u32) -> (Bucket<FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        // Its zero means that nothing was taken yet.
        clock.advance(Duration::from_secs(1));
        let rate = Rate {
            requests_per_minute: NonZeroU32::new(per_minute).unwrap(),
            burst: NonZeroU32::new(burst).unwrap(),
        };
        (Bucket::with_clock(rate, clock.clone()), clock)
    }

    #[test]
    fn the_largest_numbers_are_a_million() {
        for per_minute in [1, u32::MAX] {
            let (bucket, _) = bucket(per_minute, u32::MAX);
            let standing = bucket.take();
            assert_eq!((standing.limit, standing.wait), (MOST.get(), None));
        }
    }

    #[test]
    fn a_burst_is_let_in_and_then_one_for_each_interval() {
        let (bucket, clock) = bucket(30, 3);
        let second = Duration::from_secs(1);
        for (remaining, reset) in [(2, 2), (1, 4), (0, 6)] {
            let standing = bucket.take();
            let expected = Standing {
                limit: 3,
                remaining,
                reset: second * reset,
                wait: None,
            };
            assert_eq!(standing, expected);
        }
        clock.advance(second / 2);
        let refused = bucket.take();
        assert_eq!(refused.wait, Some(second * 3 / 2));
        assert_eq!(refused.reset, second * 11 / 2);
        assert_eq!(refused.remaining, 0);
        clock.advance(second * 3 / 2);
        assert_eq!(bucket.take().wait, None);
        assert!(bucket.take().wait.is_some());
    }

    #[test]
    fn the_headers_are_those_of_the_dialect() {
        let standing = Standing {
            limit: 50,
            remaining: 7,
            reset: Duration::from_millis(1_500),
            wait: None,
        };
        let now = "2026-10-21T07:28:00.75Z".parse().unwrap();
        let shown = |dialect| {
            standing
                .headers(dialect, now)
                .map(|(name, value)| format!("{name}: {value}"))
        };
        assert_eq!(
            shown(Dialect::Anthropic),
            [
                "anthropic-ratelimit-requests-limit: 50",
                "anthropic-ratelimit-requests-remaining: 7",
                "anthropic-ratelimit-requests-reset: 2026-10-21T07:28:03Z",
            ]
        );
        for dialect in [Dialect::OpenaiChat, Dialect::Native] {
            assert_eq!(
                shown(dialect),
                [
                    "x-ratelimit-limit-requests: 50",
                    "x-ratelimit-remaining-requests: 7",
                    "x-ratelimit-reset-requests: 1.5s",
                ]
            );
        }
    }

    #[test]
    fn times_are_rounded_up() {
        assert_eq!(seconds(Duration::from_millis(1)), 1);
        assert_eq!(seconds(Duration::from_secs(2)), 2);
        assert_eq!(rounded(Duration::from_micros(20_001)).to_string(), "0.021");
        assert_eq!(rounded(Duration::from_secs(60)).to_string(), "60");
    }

    proptest! {
        #[test]
        fn what_it_says_holds(
            per_minute in 1..1_000_u32,
            burst in 1..50_u32,
            pauses in proptest::collection::vec(0..30_000_u64, 1..80),
        ) {
            let (bucket, clock) = bucket(per_minute, burst);
            let (mut let_in, mut passed) = (0_u64, 0_u64);
            for pause in pauses {
                clock.advance(Duration::from_millis(pause));
                passed += pause;
                let standing = bucket.take();
                prop_assert!(standing.remaining < standing.limit);
                prop_assert!(standing.reset > Duration::ZERO);
                if let Some(wait) = standing.wait {
                    // Exactly then, and not before.
                    clock.advance(wait - Duration::from_nanos(1));
                    prop_assert!(bucket.take().wait.is_some());
                    clock.advance(Duration::from_nanos(1));
                    prop_assert!(bucket.take().wait.is_none());
                    passed += u64::try_from(wait.as_millis()).unwrap() + 1;
                }
                let_in += 1;
                let most = u64::from(burst) + passed * u64::from(per_minute) / 60_000 + 1;
                prop_assert!(let_in <= most, "{} of at most {}", let_in, most);
            }
            let last = bucket.take();
            clock.advance(last.reset);
            prop_assert_eq!(bucket.take().remaining, burst - 1, "full again");
        }
    }
}
