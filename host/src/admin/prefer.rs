//! How long a caller waits for long work: `Prefer: wait=N` (RFC 7240).

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{HeaderMap, HeaderValue};

/// The longest that any caller waits.
const LONGEST: u64 = 120;

/// What a request says about waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Prefer {
    /// `wait=N`, in seconds.
    wait: Option<u64>,
    /// `respond-async`: rather an early answer than the whole one.
    early: bool,
}

impl Prefer {
    /// Unknown preferences, and those that make no sense, are left alone, as
    /// the RFC has it; of one that is given twice, the first counts.
    fn read(headers: &HeaderMap) -> Self {
        let mut prefer = Self {
            wait: None,
            early: false,
        };
        let lines = headers.get_all("prefer").into_iter();
        let preferences = lines
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(','));
        for preference in preferences {
            // What follows a semicolon are parameters; neither of the two has any.
            let word = preference.split(';').next().unwrap_or_default();
            let (name, value) = word.split_once('=').unwrap_or((word, ""));
            let name = name.trim();
            if name.eq_ignore_ascii_case("wait") {
                let seconds = value.trim().trim_matches('"').parse().ok();
                prefer.wait = prefer.wait.or(seconds);
            }
            prefer.early |= name.eq_ignore_ascii_case("respond-async");
        }
        prefer
    }

    /// How long to wait, where `unsaid` is what a caller waits who says nothing.
    pub(super) fn patience(self, unsaid: Duration) -> Duration {
        match (self.wait, self.early) {
            (Some(seconds), _) => Duration::from_secs(seconds.min(LONGEST)),
            (None, true) => Duration::ZERO,
            (None, false) => unsaid,
        }
    }

    /// The `Preference-Applied` of the answer.
    pub(super) fn applied(self) -> Option<HeaderValue> {
        match (self.wait, self.early) {
            (Some(seconds), _) => {
                HeaderValue::from_str(&format!("wait={}", seconds.min(LONGEST))).ok()
            }
            (None, true) => Some(HeaderValue::from_static("respond-async")),
            (None, false) => None,
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Prefer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::read(&parts.headers))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const UNSAID: Duration = Duration::from_secs(7);

    /// Seconds, and `Preference-Applied`.
    fn of(lines: &[&str]) -> (u64, Option<String>) {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("prefer", line.parse().unwrap());
        }
        let prefer = Prefer::read(&headers);
        let applied = prefer
            .applied()
            .map(|value| value.to_str().unwrap().to_owned());
        (prefer.patience(UNSAID).as_secs(), applied)
    }

    #[test]
    fn a_wait_is_read_wherever_it_stands() {
        let said = |seconds, applied: &str| (seconds, Some(applied.to_owned()));
        assert_eq!(of(&["wait=3"]), said(3, "wait=3"));
        assert_eq!(of(&["wait=0"]), said(0, "wait=0"));
        assert_eq!(of(&["Wait = \"3\""]), said(3, "wait=3"));
        assert_eq!(of(&["return=minimal, wait=3; x=1"]), said(3, "wait=3"));
        assert_eq!(of(&["return=minimal", "wait=3"]), said(3, "wait=3"));
        assert_eq!(of(&["wait=3, wait=4"]), said(3, "wait=3"));
        assert_eq!(of(&["respond-async"]), said(0, "respond-async"));
        assert_eq!(of(&["respond-async, wait=3"]), said(3, "wait=3"));
        assert_eq!(of(&["wait=100000"]), said(120, "wait=120"), "at most");
    }

    #[test]
    fn what_makes_no_sense_is_left_alone() {
        for line in [
            "", "wait", "wait=", "wait=-1", "wait=1.5", "waits=3", ";wait=3",
        ] {
            assert_eq!(of(&[line]), (UNSAID.as_secs(), None), "{line:?}");
        }
        assert_eq!(of(&[]), (UNSAID.as_secs(), None));
    }
}
