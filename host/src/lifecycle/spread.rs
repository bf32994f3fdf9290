//! How a measured quantity is spread.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The middle, the tail and the end of what was measured, by nearest rank.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Spread {
    /// Half were at most this.
    pub p50: u64,
    /// 99 of 100 were at most this.
    pub p99: u64,
    /// The most.
    pub max: u64,
}

impl Spread {
    /// The spread of `values`; zeros for none.
    #[must_use]
    pub fn of(mut values: Vec<u64>) -> Self {
        values.sort_unstable();
        let rank = |percent: usize| {
            let rank = (values.len() * percent).div_ceil(100);
            values.get(rank.saturating_sub(1)).copied().unwrap_or(0)
        };
        Self {
            p50: rank(50),
            p99: rank(99),
            max: rank(100),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ranks_are_of_values_that_were_measured() {
        let spread = |p50, p99, max| Spread { p50, p99, max };
        assert_eq!(Spread::of(Vec::new()), Spread::default());
        assert_eq!(Spread::of(vec![7]), spread(7, 7, 7));
        assert_eq!(Spread::of(vec![9, 1]), spread(1, 9, 9));
        assert_eq!(Spread::of((1..=200).rev().collect()), spread(100, 198, 200));
    }
}
