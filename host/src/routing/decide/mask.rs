//! Which offers of a catalog version may be called at all.

use std::fmt;
use std::str::FromStr;

use crate::catalog::{Catalog, Offer};

/// Which offers of a catalog version may be called at all: active, with a key
/// configured, allowed for the caller. Bit i is the offer at position i.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mask(Vec<u64>);

/// A text that is no mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an eligibility mask: expected 16 lowercase hexadecimal digits for each 64 offers")]
pub struct BadMask;

impl Mask {
    /// The mask of those offers of `catalog` for which `eligible` holds.
    pub fn of(catalog: &Catalog, eligible: impl Fn(&Offer) -> bool) -> Self {
        let mut words = vec![0; catalog.offers.len().div_ceil(64)];
        for (index, _) in catalog
            .offers
            .iter()
            .enumerate()
            .filter(|(_, offer)| eligible(offer))
        {
            if let Some(word) = words.get_mut(index / 64) {
                *word |= 1 << (index % 64);
            }
        }
        Self(words)
    }

    /// Whether the offer at `index` is in it.
    #[must_use]
    pub fn has(&self, index: usize) -> bool {
        self.0
            .get(index / 64)
            .is_some_and(|word| word >> (index % 64) & 1 == 1)
    }

    /// Whether it may be one of `catalog`: of its length, with active offers
    /// alone.
    #[must_use]
    pub fn fits(&self, catalog: &Catalog) -> bool {
        let offers = &catalog.offers;
        let inactive = |index: usize| offers.get(index).is_none_or(|offer| !offer.active);
        self.0.len() == offers.len().div_ceil(64)
            && !(0..self.0.len() * 64).any(|index| self.has(index) && inactive(index))
    }
}

/// Hexadecimal, the word of the first 64 offers first.
impl fmt::Display for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|word| write!(f, "{word:016x}"))
    }
}

impl FromStr for Mask {
    type Err = BadMask;

    fn from_str(text: &str) -> Result<Self, BadMask> {
        let (words, rest) = text.as_bytes().as_chunks::<16>();
        let plain = |word: &[u8; 16]| {
            word.iter()
                .all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
        };
        if !rest.is_empty() || !words.iter().all(plain) {
            return Err(BadMask);
        }
        words
            .iter()
            .map(|word| {
                let digits = str::from_utf8(word).map_err(|_| BadMask)?;
                u64::from_str_radix(digits, 16).map_err(|_| BadMask)
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_mask_is_read_as_it_is_written(words in prop::collection::vec(any::<u64>(), 0..4)) {
            let mask = Mask(words);
            prop_assert_eq!(mask.to_string().parse::<Mask>().unwrap(), mask);
        }
    }

    #[test]
    fn other_texts_are_no_masks() {
        for text in [
            "0",
            "000000000000000F",
            "+00000000000000f",
            "00000000000000000",
        ] {
            assert_eq!(text.parse::<Mask>(), Err(BadMask), "{text}");
        }
    }
}
