//! The inputs on which every component is tried: a whole grid of what callers
//! send, and cases made from a fixed seed. The same for everyone, always.

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

/// How many cases are made from the seed, for each component.
pub const GENERATED: usize = 300;

/// A xorshift* generator (Vigna 2016) with a fixed seed.
#[derive(Debug)]
pub struct Cases(u64);

impl Cases {
    /// The first case is always the same.
    #[must_use]
    pub fn new() -> Self {
        Self(0x9e37_79b9_7f4a_7c15)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    /// One or the other.
    pub fn coin(&mut self) -> bool {
        self.below(2) == 1
    }

    /// A base of any scale.
    pub fn base(&mut self) -> Floor {
        let scale = self.below(19) as u32;
        let units = self.below(10_u64.pow(scale) + 1);
        Floor::new(Decimal::new(units as i64, scale)).unwrap_or(Floor::DEFAULT)
    }

    /// What a dial could make of a base: −1 to 2, of any scale.
    pub fn dialled(&mut self) -> Decimal {
        let scale = self.below(19) as u32;
        let one = 10_i64.pow(scale);
        Decimal::new(self.below(3 * one as u64 + 1) as i64 - one, scale)
    }

    /// A preference: mostly one of the grid, else any text of at most 64 bytes.
    pub fn preference(&mut self) -> Option<String> {
        if self.coin() {
            let at = self.below(PREFERENCES.len() as u64) as usize;
            return PREFERENCES.get(at).copied().flatten().map(str::to_owned);
        }
        Some(self.text(64))
    }

    /// A text of at most `most` bytes, of letters, signs and other scripts.
    pub fn text(&mut self, most: usize) -> String {
        const SIGNS: [char; 16] = [
            'a', 'e', 'i', 'n', 'r', 'f', '-', '/', '@', ' ', '.', '0', 'É', 'ß', '模', '🦀',
        ];
        let length = self.below(most as u64 + 1) as usize;
        let mut text = String::new();
        loop {
            let next = SIGNS.get(self.below(16) as usize).copied().unwrap_or('a');
            if text.len() + next.len_utf8() > length {
                return text;
            }
            text.push(next);
        }
    }

    /// A day of the years 1970 to 2099.
    pub fn day(&mut self) -> Date {
        let (year, month, day) = (
            1970 + self.below(130) as i16,
            1 + self.below(12) as i8,
            1 + self.below(28) as i8,
        );
        Date::new(year, month, day).unwrap_or(Date::ZERO)
    }
}

impl Default for Cases {
    fn default() -> Self {
        Self::new()
    }
}

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

    #[test]
    fn generated_cases_repeat_and_stay_in_range() {
        let (mut a, mut b) = (Cases::new(), Cases::new());
        for _ in 0..1_000 {
            assert_eq!(a.dialled(), b.dialled());
            assert!((Decimal::new(-1, 0)..=Decimal::new(2, 0)).contains(&a.dialled()));
            b.dialled();
            assert!(a.text(64).len() <= 64);
            b.text(64);
            assert_eq!(a.day(), b.day());
        }
    }
}
