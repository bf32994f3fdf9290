//! A choice as it is recorded.

use std::fmt::Write as _;

use super::Candidate;

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
