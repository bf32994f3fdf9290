//! Days in UTC.

use core::cmp::Ordering;

use crate::Date;

impl Date {
    /// A day of the proleptic Gregorian calendar.
    ///
    /// # Panics
    /// There is no such day.
    pub const fn new(year: u16, month: u8, day: u8) -> Self {
        let leap =
            year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => 0,
        };
        assert!(1 <= day && day <= days, "there is no such day");
        Self { year, month, day }
    }
}

impl Ord for Date {
    fn cmp(&self, other: &Self) -> Ordering {
        let parts = |date: &Self| (date.year, date.month, date.day);
        parts(self).cmp(&parts(other))
    }
}

impl PartialOrd for Date {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_in_calendar_order() {
        assert!(Date::new(2026, 1, 31) < Date::new(2026, 2, 1));
        assert!(Date::new(2025, 12, 31) < Date::new(2026, 1, 1));
        assert!(Date::new(2028, 2, 28) < Date::new(2028, 2, 29));
    }

    #[test]
    #[should_panic(expected = "no such day")]
    fn only_leap_years_have_a_leap_day() {
        let _ = Date::new(2100, 2, 29);
    }
}
