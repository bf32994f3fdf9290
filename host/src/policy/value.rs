//! Exact decimals, as they are kept and as they cross to a guest.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;

use super::worlds::v1_0::types;

/// The most fractional digits that a floor, a lever or a hint may carry.
pub const MAX_SCALE: u32 = 18;

/// The least quality that a candidate must have: a decimal in [0, 1] with at
/// most [`MAX_SCALE`] fractional digits. Its scale is kept: 0.50 stays 0.50.
#[derive(Clone, Copy, Debug)]
pub struct Floor(Decimal);

/// Why a value is no [`Floor`].
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum FloorError {
    /// Not a decimal number.
    #[error("`{0}` is not a decimal number; write it like 0.60")]
    NotDecimal(String),
    /// Outside [0, 1].
    #[error("{0} is outside [0, 1]")]
    OutOfRange(String),
    /// More than [`MAX_SCALE`] fractional digits.
    #[error("{0} has more than 18 fractional digits")]
    TooPrecise(String),
}

impl Floor {
    /// The floor of a caller, agent and tenant that name none: 0.50.
    pub const DEFAULT: Self = Self(Decimal::from_parts(50, 0, 0, false, 2));

    /// Takes `value` as a floor.
    ///
    /// # Errors
    /// If it is outside [0, 1] or too precise.
    pub fn new(value: Decimal) -> Result<Self, FloorError> {
        if value.scale() > MAX_SCALE {
            return Err(FloorError::TooPrecise(value.to_string()));
        }
        if value < Decimal::ZERO || value > Decimal::ONE {
            return Err(FloorError::OutOfRange(value.to_string()));
        }
        // A zero with a sign would be another text for the same floor.
        let mut value = value;
        value.set_sign_positive(true);
        Ok(Self(value))
    }

    /// The decimal itself, scale kept.
    #[must_use]
    pub fn get(self) -> Decimal {
        self.0
    }

    /// Whether both are the same number at the same scale.
    #[must_use]
    pub fn identical(self, other: Decimal) -> bool {
        identical(self.0, other)
    }
}

/// The same number at the same scale.
impl PartialEq for Floor {
    fn eq(&self, other: &Self) -> bool {
        self.identical(other.0)
    }
}

impl Eq for Floor {}

impl FromStr for Floor {
    type Err = FloorError;

    fn from_str(text: &str) -> Result<Self, FloorError> {
        Decimal::from_str_exact(text)
            .map_err(|_| FloorError::NotDecimal(text.chars().take(64).collect()))
            .and_then(Self::new)
    }
}

impl fmt::Display for Floor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Whether `a` and `b` are the same number at the same scale: `==` on
/// decimals takes 0.5 and 0.50 for equal, a record must not.
#[must_use]
pub fn identical(a: Decimal, b: Decimal) -> bool {
    a.scale() == b.scale() && a.mantissa() == b.mantissa()
}

impl From<Floor> for types::Decimal {
    fn from(floor: Floor) -> Self {
        to_wit(floor.0).unwrap_or(Self { units: 0, scale: 0 })
    }
}

/// `value` as it crosses to a guest; none where it does not fit the contract
/// (more than 18 digits after the point, or beyond ±9.2 × 10^18 units).
#[must_use]
pub fn to_wit(value: Decimal) -> Option<types::Decimal> {
    let scale = u8::try_from(value.scale())
        .ok()
        .filter(|s| u32::from(*s) <= MAX_SCALE)?;
    let units = i64::try_from(value.mantissa()).ok()?;
    Some(types::Decimal { units, scale })
}

/// A guest's decimal; none where its scale is beyond the contract's.
#[must_use]
pub fn from_wit(value: types::Decimal) -> Option<Decimal> {
    let scale = u32::from(value.scale);
    (scale <= MAX_SCALE).then(|| Decimal::new(value.units, scale))
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_floor_keeps_its_scale() {
        assert_eq!("0.50".parse::<Floor>().unwrap().to_string(), "0.50");
        assert_eq!("1".parse::<Floor>().unwrap().to_string(), "1");
        assert_eq!("-0.0".parse::<Floor>().unwrap().to_string(), "0.0");
        assert_eq!(Floor::DEFAULT.to_string(), "0.50");
    }

    #[test]
    fn what_is_no_floor_is_refused() {
        for text in [
            "1.01",
            "-0.1",
            "abc",
            "",
            "1e-2",
            "0.1234567890123456789",
            "NaN",
        ] {
            assert!(text.parse::<Floor>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_decimal_crosses_unchanged(units in any::<i64>(), scale in 0u8..=18) {
            let there = types::Decimal { units, scale };
            let back = to_wit(from_wit(there).unwrap()).unwrap();
            prop_assert_eq!((back.units, back.scale), (units, scale));
        }

        #[test]
        fn a_scale_beyond_the_contract_is_no_decimal(units in any::<i64>(), scale in 19u8..) {
            let crossing = types::Decimal { units, scale };
            prop_assert!(from_wit(crossing).is_none());
        }
    }
}
