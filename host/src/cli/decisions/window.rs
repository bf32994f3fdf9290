//! Which decisions a command takes.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::store::history::Window;

#[derive(Debug, clap::Args)]
pub(super) struct WindowArgs {
    /// Only calls admitted at this time or later: RFC 3339, or a day
    #[arg(long, value_name = "T", value_parser = time)]
    since: Option<Timestamp>,
    /// Only calls admitted before this time
    #[arg(long, value_name = "T", value_parser = time)]
    until: Option<Timestamp>,
    /// At most so many, the latest ones
    #[arg(long, value_name = "N")]
    limit: Option<u32>,
}

impl WindowArgs {
    pub(super) fn window(&self) -> Window {
        let us = |time: Option<Timestamp>| time.map(Timestamp::as_microsecond);
        Window {
            since_us: us(self.since),
            until_us: us(self.until),
            latest: self.limit,
            ..Window::default()
        }
    }
}

/// A point in time; UTC where the text names no zone.
fn time(text: &str) -> Result<Timestamp, String> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(time);
    }
    text.parse::<DateTime>()
        .ok()
        // A zone's name, which would be passed over.
        .filter(|_| !text.contains('['))
        .and_then(|time| time.to_zoned(TimeZone::UTC).ok())
        .map(|time| time.timestamp())
        .ok_or_else(|| "write it like 2026-11-22T09:30:00Z, or 2026-11-22".to_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::time;

    #[test]
    fn a_time_or_a_day() {
        assert_eq!(
            time("2026-11-22").unwrap(),
            time("2026-11-22T00:00:00Z").unwrap()
        );
        assert_eq!(
            time("2026-11-22T09:30:00").unwrap(),
            time("2026-11-22T09:30:00Z").unwrap()
        );
        assert_eq!(
            time("2026-11-22T10:30:00+01:00").unwrap(),
            time("2026-11-22T09:30:00Z").unwrap()
        );
        for text in [
            "",
            "yesterday",
            "2026-13-01",
            "2026-11-22T09:30:00[Europe/Berlin]",
        ] {
            assert!(time(text).is_err(), "{text}");
        }
    }
}
