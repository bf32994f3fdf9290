//! A choice as it is recorded.

use std::fmt::Write as _;

use rust_decimal::Decimal;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::{Candidate, Ranked};
use crate::catalog::NanoUsd;

/// A candidate as it is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Recorded<'a> {
    offer: &'a str,
    #[serde(deserialize_with = "decimal")]
    quality: Decimal,
    estimate_nanousd: NanoUsd,
}

impl Ranked for Recorded<'_> {
    fn offer(&self) -> &str {
        self.offer
    }

    fn quality(&self) -> Decimal {
        self.quality
    }

    fn estimate(&self) -> NanoUsd {
        self.estimate_nanousd
    }
}

impl<'a> Recorded<'a> {
    /// The offer's id.
    #[must_use]
    pub fn id(&self) -> &'a str {
        self.offer
    }
}

fn decimal<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    Decimal::from_str_exact(<&str>::deserialize(deserializer)?).map_err(D::Error::custom)
}

/// The candidates that [`recorded`] wrote.
///
/// # Errors
/// If it did not write them.
pub fn read(json: &str) -> Result<Vec<Recorded<'_>>, serde_json::Error> {
    serde_json::from_str(json)
}

/// The candidates as they are recorded: compact JSON, in catalog order. Offer
/// ids hold nothing that JSON escapes.
#[must_use]
pub fn recorded(candidates: &[Candidate]) -> String {
    let mut json = String::with_capacity(2 + candidates.len() * 80);
    for Candidate { offer, estimate } in candidates {
        let comma = if json.is_empty() { '[' } else { ',' };
        // Writing to a String cannot fail.
        let _ = write!(
            json,
            r#"{comma}{{"offer":"{}","quality":"{}","estimate_nanousd":{}}}"#,
            offer.id, offer.quality, estimate.0
        );
    }
    if json.is_empty() {
        json.push('[');
    }
    json.push(']');
    json
}
