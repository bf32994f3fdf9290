//! Amounts of money in requests and answers: US dollars as decimal strings.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use super::error::ApiError;
use crate::catalog::NanoUsd;

/// Digits after the point that an amount may have.
const DIGITS: u32 = 9;
/// The largest amount, in US dollars: sums of many still fit.
const MOST_USD: i64 = 1_000_000_000;

/// The amount that `text` names, below 0 too, in 1e-9 USD.
///
/// # Errors
/// 400, where it is none; the message names `field`.
pub(super) fn signed(field: &str, text: &str) -> Result<i64, ApiError> {
    let refused = |why: String| ApiError::bad_request(format!("{field}: {why}"));
    let amount = Decimal::from_str_exact(text)
        .map_err(|_| refused("write it as a decimal of US dollars, such as \"12.50\"".to_owned()))?
        .normalize();
    if amount.scale() > DIGITS {
        return Err(refused(format!("at most {DIGITS} digits after the point")));
    }
    if amount.abs() > Decimal::from(MOST_USD) {
        return Err(refused(format!("at most {MOST_USD} US dollars")));
    }
    (amount * Decimal::from(10_i64.pow(DIGITS)))
        .to_i64()
        .ok_or_else(|| refused("it is too large".to_owned()))
}

/// The same, not below 0.
///
/// # Errors
/// As [`signed`].
pub(super) fn amount(field: &str, text: &str) -> Result<i64, ApiError> {
    let amount = signed(field, text)?;
    if amount < 0 {
        return Err(ApiError::bad_request(format!("{field}: not below 0")));
    }
    Ok(amount)
}

/// Limits that may be given, or taken away by null.
///
/// # Errors
/// As [`signed`].
pub(super) fn limit(
    field: &str,
    given: Option<Option<String>>,
) -> Result<Option<Option<i64>>, ApiError> {
    given
        .map(|limit| limit.as_deref().map(|text| amount(field, text)).transpose())
        .transpose()
}

/// An amount as answers have it.
pub(super) fn usd(nanousd: i64) -> String {
    NanoUsd(nanousd).to_string()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact() {
        for (text, nanousd) in [
            ("0", 0),
            ("12.50", 12_500_000_000),
            ("0.000000001", 1),
            ("0.0000000010", 1),
            ("1000000000", 1_000_000_000_000_000_000),
        ] {
            assert_eq!(amount("x", text).unwrap(), nanousd);
        }
        assert_eq!(signed("x", "-0.5").unwrap(), -500_000_000);
        for text in ["", "1e3", "0.0000000001", "1000000000.1", "-1", "x", "1,5"] {
            amount("x", text).unwrap_err();
        }
        assert_eq!(usd(12_500_000_000), "12.5");
    }
}
