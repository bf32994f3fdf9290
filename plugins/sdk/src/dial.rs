//! The dial: `quality` raises the floor by a lever, `cost` lowers it by one.

use alloc::{vec, vec::Vec};

use crate::{Decimal, Lever, decimal};

/// How far each preference moves the floor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Levers {
    quality: Decimal,
    cost: Decimal,
}

impl Levers {
    /// What `quality` adds, from 0 to 1, and what `cost` adds, from -1 to 0.
    ///
    /// # Panics
    /// A lever is out of those bounds; a build error in a `const`.
    pub const fn new(quality: Decimal, cost: Decimal) -> Self {
        const ONE: i128 = Decimal::ONE.aligned();
        let (up, down) = (quality.aligned(), -cost.aligned());
        assert!(0 <= up && up <= ONE, "`quality` adds 0 to 1");
        assert!(0 <= down && down <= ONE, "`cost` adds -1 to 0");
        Self { quality, cost }
    }

    /// The levers as the contract declares them.
    pub fn describe(&self) -> Vec<Lever> {
        vec![
            Lever::number(
                "quality",
                "What the preference `quality` adds to the floor.",
                self.quality,
                [Decimal::ZERO, Decimal::ONE],
            ),
            Lever::number(
                "cost",
                "What the preference `cost` adds to the floor.",
                self.cost,
                [decimal!(-1), Decimal::ZERO],
            ),
        ]
    }

    /// The dialled floor: `base` itself, scale included, unless the gate is
    /// open (`live`) and the preference is exactly `quality` or `cost`.
    pub fn apply(&self, preference: Option<&str>, base: Decimal, live: bool) -> Decimal {
        let lever = match preference {
            Some("quality") if live => self.quality,
            Some("cost") if live => self.cost,
            _ => return base,
        };
        // What is not moved keeps its scale.
        if lever == Decimal::ZERO {
            return base;
        }
        // A base in [0, 1] always has a sum; of any other, nothing is moved.
        base.checked_add(lever).unwrap_or(base)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const REFERENCE: Levers = Levers::new(decimal!(0.10), decimal!(-0.10));

    fn parts(decimal: Decimal) -> (i64, u8) {
        (decimal.units, decimal.scale)
    }

    #[test]
    fn quality_raises_and_cost_lowers() {
        let dialled = |preference, base| parts(REFERENCE.apply(Some(preference), base, true));
        assert_eq!(dialled("quality", decimal!(0.50)), (60, 2));
        assert_eq!(dialled("cost", decimal!(0.50)), (40, 2));
        assert_eq!(dialled("quality", decimal!(0.95)), (105, 2));
        assert_eq!(dialled("cost", decimal!(0.05)), (-5, 2));
        assert_eq!(dialled("quality", decimal!(0.8)), (90, 2));
    }

    #[test]
    fn a_lever_of_zero_moves_nothing_not_even_the_scale() {
        let still = Levers::new(decimal!(0.00), Decimal::ZERO);
        assert_eq!(
            parts(still.apply(Some("quality"), decimal!(0.5), true)),
            (5, 1)
        );
    }

    #[test]
    fn nothing_else_moves_it() {
        let base = decimal!(0.500);
        for preference in [
            "balanced",
            "",
            "Quality",
            "quality ",
            "qualite\u{301}",
            "cost\0",
        ] {
            assert_eq!(
                parts(REFERENCE.apply(Some(preference), base, true)),
                (500, 3)
            );
        }
        assert_eq!(parts(REFERENCE.apply(None, base, true)), (500, 3));
    }

    proptest! {
        #[test]
        fn a_closed_gate_is_the_base(preference in "quality|cost|.*", units in any::<i64>(), scale in 0..=18_u8) {
            let base = Decimal::new(units, scale);
            prop_assert_eq!(parts(REFERENCE.apply(Some(&preference), base, false)), parts(base));
        }

        #[test]
        fn a_move_is_the_lever(up in 0..=100_i64, down in 0..=100_i64, units in 0..=100_000_i64) {
            let levers = Levers::new(Decimal::new(up, 2), Decimal::new(-down, 2));
            let base = Decimal::new(units, 5);
            let moved = |preference| levers.apply(Some(preference), base, true).aligned() - base.aligned();
            prop_assert_eq!(moved("quality"), levers.quality.aligned());
            prop_assert_eq!(moved("cost"), levers.cost.aligned());
        }
    }
}
