//! The clamp: it shortens a move of the floor, and never reverses it.

use alloc::{vec, vec::Vec};

use crate::{Decimal, Lever};

/// The bounds that a move may reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Levers {
    lower: Decimal,
    upper: Decimal,
}

impl Levers {
    /// Bounds with 0 ≤ `lower` ≤ `upper` ≤ 1.
    ///
    /// # Panics
    /// They are not such; a build error in a `const`.
    pub const fn new(lower: Decimal, upper: Decimal) -> Self {
        let (least, most) = (lower.aligned(), upper.aligned());
        assert!(0 <= least && least <= most, "`lower` is from 0 to `upper`");
        assert!(most <= Decimal::ONE.aligned(), "`upper` is at most 1");
        Self { lower, upper }
    }

    /// The levers as the contract declares them.
    pub fn describe(&self) -> Vec<Lever> {
        let bounds = [Decimal::ZERO, Decimal::ONE];
        vec![
            Lever::number(
                "lower",
                "The lowest floor that a move may reach.",
                self.lower,
                bounds,
            ),
            Lever::number(
                "upper",
                "The highest floor that a move may reach.",
                self.upper,
                bounds,
            ),
        ]
    }

    /// The median of `base`, `dialled` and `dialled` put into the bounds: a base
    /// that is out of the bounds already stays, or moves towards them.
    pub fn clamp(&self, base: Decimal, dialled: Decimal) -> Decimal {
        let bounded = dialled.clamp(self.lower, self.upper);
        // Of equal values the base wins: a floor that doesn't move keeps its scale.
        if dialled < base {
            base.min(bounded).max(dialled)
        } else {
            bounded.max(base).min(dialled)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{decimal, dial};

    const REFERENCE: Levers = Levers::new(decimal!(0.50), decimal!(0.85));

    fn parts(decimal: Decimal) -> (i64, u8) {
        (decimal.units, decimal.scale)
    }

    #[test]
    fn moves_of_the_reference_dial_are_shortened_and_never_reversed() {
        let floor = |base, preference| {
            let dial = dial::Levers::new(decimal!(0.10), decimal!(-0.10));
            parts(REFERENCE.clamp(base, dial.apply(Some(preference), base, true)))
        };
        assert_eq!(floor(decimal!(0.50), "quality"), (60, 2));
        assert_eq!(floor(decimal!(0.50), "cost"), (50, 2));
        assert_eq!(floor(decimal!(0.80), "quality"), (85, 2));
        assert_eq!(floor(decimal!(0.90), "quality"), (90, 2));
        assert_eq!(floor(decimal!(0.95), "quality"), (95, 2));
        assert_eq!(floor(decimal!(0.40), "cost"), (40, 2));
        assert_eq!(floor(decimal!(0.30), "quality"), (40, 2));
        assert_eq!(floor(decimal!(0.05), "cost"), (5, 2));
    }

    #[test]
    fn a_floor_that_stays_keeps_its_scale() {
        assert_eq!(
            parts(REFERENCE.clamp(decimal!(0.850), decimal!(0.950))),
            (850, 3)
        );
        assert_eq!(parts(REFERENCE.clamp(decimal!(0.5), decimal!(0.4))), (5, 1));
    }

    fn floor() -> impl Strategy<Value = Decimal> {
        (0..=1000_i64).prop_map(|units| Decimal::new(units, 3))
    }

    fn dialled() -> impl Strategy<Value = Decimal> {
        (-100_000..=200_000_i64).prop_map(|units| Decimal::new(units, 5))
    }

    fn levers() -> impl Strategy<Value = Levers> {
        (floor(), floor()).prop_map(|(a, b)| Levers::new(a.min(b), a.max(b)))
    }

    proptest! {
        #[test]
        fn the_result_is_the_median(levers in levers(), base in floor(), dialled in dialled()) {
            let mut three = [base, dialled, dialled.max(levers.lower).min(levers.upper)];
            three.sort();
            let [_, median, _] = three;
            prop_assert_eq!(levers.clamp(base, dialled), median);
        }

        #[test]
        fn the_result_is_a_floor_between_the_two(levers in levers(), base in floor(), dialled in dialled()) {
            let result = levers.clamp(base, dialled);
            prop_assert!(base.min(dialled) <= result && result <= base.max(dialled));
            prop_assert!(Decimal::ZERO <= result && result <= Decimal::ONE);
        }

        #[test]
        fn again_changes_nothing(levers in levers(), base in floor(), dialled in dialled()) {
            let once = levers.clamp(base, dialled);
            prop_assert_eq!(levers.clamp(base, once), once);
        }

        #[test]
        fn a_longer_move_reaches_no_less(levers in levers(), base in floor(), a in dialled(), b in dialled()) {
            let (less, more) = (a.min(b), a.max(b));
            prop_assert!(levers.clamp(base, less) <= levers.clamp(base, more));
        }
    }
}
