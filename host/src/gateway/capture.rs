//! What an answer said of itself, taken into its call's record.

use crate::catalog::Offer;
use crate::dialect::common::{self, Capture};
use crate::record::{Progress, Usage, UsageSource};

/// Takes what was read of the answer into the call's record. `whole`: the
/// counts are the provider's last word.
pub fn note(progress: &mut Progress, capture: &Capture, offer: &Offer, whole: bool) {
    let common::Usage {
        input_tokens,
        output_tokens,
        cache_read,
        cache_write,
    } = capture.usage;
    progress.usage = Usage {
        input_tokens,
        output_tokens,
        cache_read_tokens: cache_read,
        cache_write_tokens: cache_write,
    };
    let known = input_tokens.is_some() && output_tokens.is_some();
    progress.usage_source = Some(match (known, whole) {
        (true, true) => UsageSource::Reported,
        (true, false) => UsageSource::Estimated,
        (false, _) => UsageSource::Unknown,
    });
    progress.cost_nanousd = known.then(|| offer.prices.cost(&capture.usage).0);
    if capture.stop_reason.is_some() {
        progress.stop_reason.clone_from(&capture.stop_reason);
    }
}
