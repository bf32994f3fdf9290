//! The declared grid: inputs on which every component is tried, all of them. The
//! same for everyone, always; [`super::laws`] adds generated cases.

use jiff::civil::{Date, date};
use rust_decimal::Decimal;

use crate::policy::Floor;

/// Preferences: the three words, none, and what resembles them.
pub const PREFERENCES: [Option<&str>; 19] = [
    None,
    Some("quality"),
    Some("cost"),
    Some("balanced"),
    Some(""),
    Some("Quality"),
    Some("QUALITY"),
    Some("Cost"),
    Some(" quality"),
    Some("quality "),
    Some("cost\n"),
    Some("quality\0"),
    Some("qualtiy"),
    Some("qualityquality"),
    Some("cos"),
    Some("0.85"),
    Some("qualité"),
    Some("質質質質質質質質質質質質質質質質質質質質質"),
    // 64 bytes, the longest that reaches a component.
    Some("qualityqualityqualityqualityqualityqualityqualityqualityqualityx"),
];

/// Bases: 0 to 1 in steps of 0.05 with one to three fractional digits, the
/// ends without any, and some with all 18.
#[must_use]
pub fn bases() -> Vec<Floor> {
    let steps = (0..=20).flat_map(|step| {
        let tenths = (step % 2 == 0).then(|| Decimal::new(step / 2, 1));
        [
            tenths,
            Some(Decimal::new(step * 5, 2)),
            Some(Decimal::new(step * 50, 3)),
        ]
    });
    let finest = [
        0,
        1,
        123_456_789_012_345_678,
        499_999_999_999_999_999,
        850_000_000_000_000_001,
        1_000_000_000_000_000_000,
    ];
    steps
        .flatten()
        .chain([Decimal::ZERO, Decimal::ONE])
        .chain(finest.map(|units| Decimal::new(units, 18)))
        .filter_map(|base| Floor::new(base).ok())
        .collect()
}

/// Bases for a report that people read: 0.00 to 1.00 in steps of 0.05.
pub fn round_bases() -> impl Iterator<Item = Floor> {
    (0..=20).filter_map(|step| Floor::new(Decimal::new(step * 5, 2)).ok())
}

/// What a dial may hand to a clamp: −1 to 2, dense around [0, 1].
#[must_use]
pub fn dialled() -> Vec<Decimal> {
    let dense = (-4..=24).map(|step| Decimal::new(step * 5, 2));
    let rest = [
        Decimal::new(-1, 0),
        Decimal::new(2, 0),
        Decimal::new(-1, 18),
        Decimal::new(1_000_000_000_000_000_001, 18),
        Decimal::new(123_456_789, 9),
    ];
    dense.chain(rest).collect()
}

/// Days: the past, leap days, ends of years, the far future.
pub const DAYS: [Date; 7] = [
    date(1970, 1, 1),
    date(2000, 2, 29),
    date(2025, 12, 31),
    date(2026, 1, 1),
    date(2028, 2, 29),
    date(2100, 3, 1),
    date(9999, 12, 31),
];

/// Names that no resolver has reason to list.
pub const STRANGERS: [&str; 14] = [
    "",
    " ",
    "/",
    "ainfera",
    "ainfera-",
    "ainfera-inference-",
    "auto",
    "claude-opus-4-7",
    "gpt-4o",
    "gpt-4o@openai",
    "\0",
    "../../etc/passwd",
    "模型",
    "🦀🦀🦀🦀",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::set::MAX_PREFERENCE;

    #[test]
    fn the_grid_is_what_it_says() {
        assert!(
            PREFERENCES
                .iter()
                .flatten()
                .all(|text| text.len() <= MAX_PREFERENCE)
        );
        assert!(
            PREFERENCES
                .iter()
                .flatten()
                .any(|text| text.len() == MAX_PREFERENCE)
        );
        assert_eq!(bases().len(), 21 * 2 + 11 + 2 + 6);
        assert_eq!(round_bases().count(), 21);
    }
}
