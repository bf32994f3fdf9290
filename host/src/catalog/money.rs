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

    /// What `usd` dollars allow, rounded down: more than fits is no cap.
    #[must_use]
    pub fn cap(usd: Decimal) -> Self {
        Self::from_usd(usd).unwrap_or(Self(i64::MAX))
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

/// What an offer charges, in nano-dollars for a million tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prices {
    input: i64,
    output: i64,
    cache_read: i64,
    cache_write: i64,
}

impl Prices {
    /// The prices that are these US dollars for a million tokens; cache reads
    /// and writes cost what input costs where they have no price of their own.
    ///
    /// None if one is negative, above $1,000,000, or has more than nine
    /// fractional digits.
    #[must_use]
    pub fn new(
        input: Decimal,
        output: Decimal,
        cache_read: Option<Decimal>,
        cache_write: Option<Decimal>,
    ) -> Option<Self> {
        Some(Self {
            input: nano(input)?,
            output: nano(output)?,
            cache_read: nano(cache_read.unwrap_or(input))?,
            cache_write: nano(cache_write.unwrap_or(input))?,
        })
    }

    /// For a million input tokens.
    #[must_use]
    pub fn input(&self) -> NanoUsd {
        NanoUsd(self.input)
    }

    /// For a million output tokens.
    #[must_use]
    pub fn output(&self) -> NanoUsd {
        NanoUsd(self.output)
    }

    /// For a million tokens read from a cache.
    #[must_use]
    pub fn cache_read(&self) -> NanoUsd {
        NanoUsd(self.cache_read)
    }

    /// For a million tokens written to one.
    #[must_use]
    pub fn cache_write(&self) -> NanoUsd {
        NanoUsd(self.cache_write)
    }

    /// The estimate for `input` and `output` tokens: integer arithmetic,
    /// rounded up.
    #[must_use]
    pub fn estimate(&self, input: u64, output: u64) -> NanoUsd {
        let total = part(input, self.input) + part(output, self.output);
        let priced = (total + PRICED_TOKENS - 1) / PRICED_TOKENS;
        NanoUsd(i64::try_from(priced).unwrap_or(i64::MAX))
    }

    /// What `usage` cost: exact, rounded once, half up.
    #[must_use]
    pub fn cost(&self, usage: &Usage) -> NanoUsd {
        let of = |tokens: Option<u64>, price| part(tokens.unwrap_or(0), price);
        let total = of(usage.input_tokens, self.input)
            + of(usage.output_tokens, self.output)
            + of(usage.cache_read, self.cache_read)
            + of(usage.cache_write, self.cache_write);
        let rounded = (total + PRICED_TOKENS / 2) / PRICED_TOKENS;
        NanoUsd(i64::try_from(rounded).unwrap_or(i64::MAX))
    }
}

/// What `tokens` cost at `price`, in 10^-15 dollars.
fn part(tokens: u64, price: i64) -> i128 {
    i128::from(tokens) * i128::from(price)
}

/// A price in nano-dollars, where it is one and whole.
fn nano(usd: Decimal) -> Option<i64> {
    let whole = usd.normalize().scale() <= SCALE;
    let allowed = usd >= Decimal::ZERO && usd <= Decimal::from(1_000_000);
    NanoUsd::from_usd(usd)
        .filter(|_| whole && allowed)
        .map(|nano| nano.0)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn prices() -> Prices {
        let cache = (Some(Decimal::new(30, 2)), Some(Decimal::new(375, 2)));
        Prices::new(Decimal::from(3), Decimal::from(15), cache.0, cache.1).unwrap()
    }

    #[test]
    fn an_estimate_is_rounded_up() {
        assert_eq!(prices().estimate(1_000, 100), NanoUsd(4_500_000));
        let cheap = Prices::new(Decimal::new(1, 9), Decimal::ZERO, None, None).unwrap();
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
