//! Exact decimals: comparison by value, addition, literals.

use core::cmp::Ordering;

use crate::Decimal;

impl Decimal {
    /// The most digits after the point.
    pub const MAX_SCALE: u8 = 18;
    /// 0
    pub const ZERO: Self = Self::new(0, 0);
    /// 1
    pub const ONE: Self = Self::new(1, 0);

    /// `units` × 10^-`scale`.
    ///
    /// # Panics
    /// `scale` is over [`MAX_SCALE`](Self::MAX_SCALE).
    pub const fn new(units: i64, scale: u8) -> Self {
        assert!(
            scale <= Self::MAX_SCALE,
            "a decimal has at most 18 digits after the point"
        );
        Self { units, scale }
    }

    /// What [`decimal!`](crate::decimal) calls: the literal as it is written.
    ///
    /// # Panics
    /// `literal` is no decimal of at most 18 digits.
    #[doc(hidden)]
    pub const fn literal(literal: &str) -> Self {
        let mut digits = literal.as_bytes();
        let mut sign = 1;
        let mut units: i64 = 0;
        let mut scale = 0;
        let mut pointed = false;
        if let [b'-', rest @ ..] = digits {
            digits = rest;
            sign = -1;
        }
        while let [byte, rest @ ..] = digits {
            digits = rest;
            match *byte {
                b'.' if !pointed => pointed = true,
                b'_' | b' ' => {}
                digit => {
                    assert!(digit.is_ascii_digit(), "write a decimal as in 0.10");
                    // Const evaluation stops the build where this overflows.
                    units = units * 10 + (digit - b'0') as i64;
                    scale += pointed as u8;
                }
            }
        }
        Self::new(sign * units, scale)
    }

    /// The exact sum, at the larger of the two scales: 0.8 + 0.10 is 0.90.
    /// `None` where it doesn't fit.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        let units = self.at_scale(scale)?.checked_add(other.at_scale(scale)?)?;
        Some(Self { units, scale })
    }

    /// The units at a scale that is no smaller; `None` where they don't fit.
    fn at_scale(self, scale: u8) -> Option<i64> {
        let mut units = self.units;
        for _ in self.scale..scale {
            // As checked_mul, without WebAssembly's slow wide multiplication.
            if !(i64::MIN / 10..=i64::MAX / 10).contains(&units) {
                return None;
            }
            units *= 10;
        }
        Some(units)
    }

    /// The value in units of 10^-18: 2^63 × 10^18 fits.
    pub(crate) const fn aligned(self) -> i128 {
        let mut units = self.units as i128;
        let mut scale = self.scale;
        while scale < Self::MAX_SCALE {
            units *= 10;
            scale += 1;
        }
        units
    }
}

/// By value: 0.5 and 0.50 are equal. Compare `units` and `scale` to tell them
/// apart.
impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        if self.scale > other.scale {
            return other.cmp(self).reverse();
        }
        match self.at_scale(other.scale) {
            Some(units) => units.cmp(&other.units),
            // Beyond any units that `other` can have: the sign decides.
            None => self.units.cmp(&0),
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Decimal {}

/// An exact [`Decimal`] with the digits as written: `decimal!(0.10)` has two
/// after the point, `decimal!(-0.1)` one.
#[macro_export]
macro_rules! decimal {
    ($literal:literal) => {
        const { $crate::Decimal::literal(stringify!($literal)) }
    };
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    fn parts(decimal: Decimal) -> (i64, u8) {
        (decimal.units, decimal.scale)
    }

    #[test]
    fn literals_keep_their_scale() {
        assert_eq!(parts(decimal!(0.50)), (50, 2));
        assert_eq!(parts(decimal!(-0.1)), (-1, 1));
        assert_eq!(parts(decimal!(1)), (1, 0));
        assert_eq!(parts(decimal!(0.000_000_000_000_000_001)), (1, 18));
    }

    #[test]
    fn sums_have_the_larger_scale() {
        let sum = |a: Decimal, b| a.checked_add(b).map(parts);
        assert_eq!(sum(decimal!(0.8), decimal!(0.10)), Some((90, 2)));
        assert_eq!(sum(decimal!(0.50), decimal!(-0.10)), Some((40, 2)));
        assert_eq!(sum(Decimal::new(i64::MAX, 0), Decimal::ONE), None);
        assert_eq!(sum(Decimal::new(i64::MAX, 0), decimal!(0.1)), None);
    }

    fn any_decimal() -> impl Strategy<Value = Decimal> {
        let units = prop_oneof![any::<i64>(), -100..100_i64];
        (units, 0..=Decimal::MAX_SCALE).prop_map(|(units, scale)| Decimal::new(units, scale))
    }

    proptest! {
        #[test]
        fn order_is_that_of_the_values(a in any_decimal(), b in any_decimal()) {
            let crossed = |x: Decimal, y: Decimal| i128::from(x.units) * 10_i128.pow(y.scale.into());
            prop_assert_eq!(a.cmp(&b), crossed(a, b).cmp(&crossed(b, a)));
            prop_assert_eq!(a == b, a.cmp(&b).is_eq());
        }

        #[test]
        fn addition_is_exact(a in any_decimal(), b in any_decimal()) {
            if let Some(sum) = a.checked_add(b) {
                prop_assert_eq!(sum.aligned(), a.aligned() + b.aligned());
                prop_assert_eq!(sum.scale, a.scale.max(b.scale));
            }
        }

        #[test]
        fn a_floor_and_a_move_always_have_a_sum(
            floor in (0..=1_000_000_000_000_000_000_i64).prop_map(|units| Decimal::new(units, 18)),
            change in (-100..=100_i64, 2..=18_u8).prop_map(|(units, scale)| Decimal::new(units, scale)),
        ) {
            prop_assert!(floor.checked_add(change).is_some());
        }
    }
}
