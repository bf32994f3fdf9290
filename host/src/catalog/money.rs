//! Money as whole nano-dollars, and what tokens cost.

use std::fmt;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};

use crate::dialect::common::Usage;

/// Nano-dollars in a dollar.
const SCALE: u32 = 9;
/// Tokens that a price is for.
const PRICED_TOKENS: i128 = 1_000_000;

/// An amount in 10^-9 US dollars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NanoUsd(pub i64);

impl NanoUsd {
    /// `usd` dollars, rounded down; none if it is negative or beyond nine
    /// billion dollars.
    #[must_use]
    pub fn from_usd(usd: Decimal) -> Option<Self> {
        let nano = usd
            .checked_mul(Decimal::from(10_i64.pow(SCALE)))?
            .floor()
            .to_i64()?;
        (nano >= 0).then_some(Self(nano))
    }

    /// In dollars, exactly.
    #[must_use]
    pub fn usd(self) -> Decimal {
        Decimal::new(self.0, SCALE).normalize()
    }
}

impl fmt::Display for NanoUsd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.usd().fmt(f)
    }
}

/// What an offer charges, in US dollars for a million tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prices {
    /// Input tokens.
    #[serde(rename = "input_usd_per_mtok")]
    pub input: Decimal,
    /// Output tokens.
    #[serde(rename = "output_usd_per_mtok")]
    pub output: Decimal,
    /// Input tokens read from a cache; the input price where it is not given.
    #[serde(
        rename = "cache_read_usd_per_mtok",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub cache_read: Option<Decimal>,
    /// Input tokens written to a cache; the input price where it is not given.
    #[serde(
        rename = "cache_write_usd_per_mtok",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub cache_write: Option<Decimal>,
}

impl Prices {
    /// Whether each is a price: not negative, at most $1,000,000, at most nine
    /// fractional digits.
    #[must_use]
    pub fn valid(&self) -> bool {
        [
            Some(self.input),
            Some(self.output),
            self.cache_read,
            self.cache_write,
        ]
        .into_iter()
        .flatten()
        .all(|price| {
            price >= Decimal::ZERO
                && price <= Decimal::from(1_000_000)
                && price.normalize().scale() <= SCALE
        })
    }

    /// The estimate for `input` and `output` tokens: integer arithmetic,
    /// rounded up.
    #[must_use]
    pub fn estimate(&self, input: u64, output: u64) -> NanoUsd {
        let total = i128::from(input) * nano(self.input) + i128::from(output) * nano(self.output);
        let priced = (total + PRICED_TOKENS - 1) / PRICED_TOKENS;
        NanoUsd(i64::try_from(priced).unwrap_or(i64::MAX))
    }

    /// What `usage` cost: exact, rounded once, half up.
    #[must_use]
    pub fn cost(&self, usage: &Usage) -> NanoUsd {
        let part =
            |tokens: Option<u64>, price: Decimal| i128::from(tokens.unwrap_or(0)) * nano(price);
        let total = part(usage.input_tokens, self.input)
            + part(usage.output_tokens, self.output)
            + part(usage.cache_read, self.cache_read.unwrap_or(self.input))
            + part(usage.cache_write, self.cache_write.unwrap_or(self.input));
        let rounded = (total + PRICED_TOKENS / 2) / PRICED_TOKENS;
        NanoUsd(i64::try_from(rounded).unwrap_or(i64::MAX))
    }
}

/// A price in nano-dollars; whole, because [`Prices::valid`] holds.
fn nano(price: Decimal) -> i128 {
    (price * Decimal::from(10_i64.pow(SCALE)))
        .trunc()
        .mantissa()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn prices() -> Prices {
        Prices {
            input: Decimal::from(3),
            output: Decimal::from(15),
            cache_read: Some(Decimal::new(30, 2)),
            cache_write: Some(Decimal::new(375, 2)),
        }
    }

    #[test]
    fn an_estimate_is_rounded_up() {
        assert_eq!(prices().estimate(1_000, 100), NanoUsd(4_500_000));
        let cheap = Prices {
            input: Decimal::new(1, 9),
            output: Decimal::ZERO,
            cache_read: None,
            cache_write: None,
        };
        assert_eq!(cheap.estimate(1, 0), NanoUsd(1));
    }

    #[test]
    fn cache_tokens_have_their_own_prices() {
        let usage = Usage {
            input_tokens: Some(10),
            output_tokens: Some(10),
            cache_read: Some(1_000),
            cache_write: Some(100),
        };
        assert_eq!(
            prices().cost(&usage),
            NanoUsd(30_000 + 150_000 + 300_000 + 375_000)
        );
    }

    #[test]
    fn money_in_dollars() {
        assert_eq!(
            NanoUsd::from_usd(Decimal::new(5, 3)),
            Some(NanoUsd(5_000_000))
        );
        assert_eq!(NanoUsd::from_usd(Decimal::from(-1)), None);
        assert_eq!(NanoUsd(4_500_000).to_string(), "0.0045");
    }
}
