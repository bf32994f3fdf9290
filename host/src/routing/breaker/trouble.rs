//! What a failure says of the offer.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;

use crate::provider::{Failure, FailureKind};

/// A failure that speaks of the offer's availability.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// It did not do its work.
    Down,
    /// It asks not to be called for so long.
    Busy(Duration),
}

impl Trouble {
    /// What `failure` says of the offer; none where it is the request's fault,
    /// or nobody can tell.
    pub(super) fn of(failure: &Failure) -> Option<Self> {
        use FailureKind::{Garbage, Status, TimedOut, Unreachable, Untranslatable};
        match (failure.kind, failure.status) {
            (Unreachable | TimedOut | Garbage, _) => Some(Self::Down),
            (Status, Some(429)) => {
                let wait = failure.retry_after.as_deref();
                let wait = wait.and_then(|text| wait_of(text, Timestamp::now()));
                Some(wait.map_or(Self::Down, Self::Busy))
            }
            (Status, Some(401..=404 | 408 | 500..)) => Some(Self::Down),
            (Status | Untranslatable, _) => None,
        }
    }
}

/// The time that a `retry-after` names, in seconds or as a date; none where it
/// names none that is still to come.
fn wait_of(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    let wait = match text.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let at = rfc2822::parse(text).ok()?.timestamp();
            Duration::try_from(at.duration_since(now)).ok()?
        }
    };
    (!wait.is_zero()).then_some(wait)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn status(status: u16) -> Failure {
        Failure {
            status: Some(status),
            ..Failure::new(FailureKind::Status, "")
        }
    }

    #[test]
    fn what_speaks_of_the_offer_counts_and_what_speaks_of_the_request_does_not() {
        for down in [401, 402, 403, 404, 408, 429, 500, 502, 503, 504, 529] {
            assert_eq!(Trouble::of(&status(down)), Some(Trouble::Down), "{down}");
        }
        for neutral in [400, 405, 409, 413, 415, 422] {
            assert_eq!(Trouble::of(&status(neutral)), None, "{neutral}");
        }
        for kind in [
            FailureKind::Unreachable,
            FailureKind::TimedOut,
            FailureKind::Garbage,
        ] {
            assert_eq!(Trouble::of(&Failure::new(kind, "")), Some(Trouble::Down));
        }
        let untranslatable = Failure::new(FailureKind::Untranslatable, "");
        assert_eq!(Trouble::of(&untranslatable), None);
    }

    #[test]
    fn a_429_asks_for_its_retry_after() {
        let busy = |retry_after: &str| {
            Trouble::of(&Failure {
                retry_after: Some(retry_after.to_owned()),
                ..status(429)
            })
        };
        assert_eq!(busy(" 7 "), Some(Trouble::Busy(Duration::from_secs(7))));
        for none in ["0", "soon", "-3", "Wed, 21 Oct 2015 07:28:00 GMT"] {
            assert_eq!(busy(none), Some(Trouble::Down), "{none}");
        }
    }

    #[test]
    fn a_date_is_waited_for() {
        let now: Timestamp = "2026-10-21T07:27:30Z".parse().unwrap();
        assert_eq!(
            wait_of("Wed, 21 Oct 2026 07:28:00 GMT", now),
            Some(Duration::from_secs(30))
        );
    }
}
