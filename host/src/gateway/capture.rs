//! What an answer said of itself, taken into its call's record.

use std::sync::Arc;

use crate::catalog::{Offer, estimated_input, estimated_output};
use crate::dialect::Shape;
use crate::dialect::common::{self, Capture};
use crate::record::{Progress, Usage, UsageSource};

/// Reads what a call used, and works out what the provider did not report, so
/// that every answer has a cost:
///
/// - input: as the candidates' estimates have it, less what was reported of
///   caches;
/// - output: ⌈UTF-8 bytes of text, thinking and tool input ÷ 4⌉; of an answer
///   that broke off not less than what was reported by then, as some providers
///   count while they answer and others only at the end.
#[derive(Debug)]
pub struct Meter {
    /// The offer that answers.
    pub offer: Arc<Offer>,
    /// Input tokens, by the estimate.
    input_tokens: u64,
}

impl Meter {
    /// Of a call of this shape at `offer`.
    pub fn new(offer: Arc<Offer>, shape: &Shape) -> Self {
        let input_tokens = estimated_input(shape);
        Self {
            offer,
            input_tokens,
        }
    }

    /// Takes what was read of the answer into the call's record. `whole`: there
    /// is no more to come.
    pub fn note(&self, progress: &mut Progress, capture: &Capture, whole: bool) {
        let (usage, source) = self.used(capture, whole);
        progress.usage = Usage {
            input_tokens: usage.input_tokens,
            output_tokens: usage.output_tokens,
            cache_read_tokens: usage.cache_read,
            cache_write_tokens: usage.cache_write,
        };
        progress.usage_source = Some(source);
        progress.cost_nanousd = Some(self.offer.prices.cost(&usage).0);
        if capture.stop_reason.is_some() {
            progress.stop_reason.clone_from(&capture.stop_reason);
        }
    }

    fn used(&self, capture: &Capture, whole: bool) -> (common::Usage, UsageSource) {
        let mut usage = capture.usage;
        // Who says why the model stopped has nothing more to count.
        let last_word = whole || capture.stop_reason.is_some();
        let reported = last_word && usage.input_tokens.is_some() && usage.output_tokens.is_some();
        let cached = usage
            .cache_read
            .unwrap_or(0)
            .saturating_add(usage.cache_write.unwrap_or(0));
        let input = || self.input_tokens.saturating_sub(cached);
        usage.input_tokens = Some(usage.input_tokens.unwrap_or_else(input));
        usage.output_tokens = Some(match usage.output_tokens {
            Some(tokens) if last_word => tokens,
            other => estimated_output(capture.said_bytes).max(other.unwrap_or(0)),
        });
        let source = if reported {
            UsageSource::Reported
        } else {
            UsageSource::Estimated
        };
        (usage, source)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::catalog::{Catalog, CatalogFile, DEFAULT};

    /// What is noted of a call of 40 bytes of text: input, output, cost, source.
    fn noted(capture: &Capture, whole: bool) -> (u64, u64, i64, &'static str) {
        let catalog = Catalog::new(1, CatalogFile::from_toml(DEFAULT).unwrap()).unwrap();
        let shape = Shape {
            text_bytes: 40,
            ..Shape::default()
        };
        let offer = catalog.offers.first().unwrap();
        let mut progress = Progress::default();
        Meter::new(Arc::clone(offer), &shape).note(&mut progress, capture, whole);
        let Usage {
            input_tokens,
            output_tokens,
            ..
        } = progress.usage;
        let source = progress.usage_source.unwrap().as_str();
        let cost = progress.cost_nanousd.unwrap();
        assert_eq!(
            cost,
            offer
                .prices
                .cost(&common::Usage {
                    input_tokens,
                    output_tokens,
                    ..capture.usage
                })
                .0
        );
        (input_tokens.unwrap(), output_tokens.unwrap(), cost, source)
    }

    fn capture(input: Option<u64>, output: Option<u64>, ended: bool) -> Capture {
        Capture {
            usage: common::Usage {
                input_tokens: input,
                output_tokens: output,
                ..common::Usage::default()
            },
            stop_reason: ended.then(|| "end_turn".to_owned()),
            said_bytes: 9,
            ..Capture::default()
        }
    }

    #[test]
    fn what_is_reported_is_used() {
        let (input, output, _, source) = noted(&capture(Some(7), Some(5), true), true);
        assert_eq!((input, output, source), (7, 5, "reported"));
    }

    #[test]
    fn what_is_not_is_estimated_and_marked() {
        for (asked, whole, expected) in [
            (capture(None, None, true), true, (10, 3)),
            (capture(None, Some(5), true), true, (10, 5)),
            (capture(Some(7), None, true), true, (7, 3)),
            (capture(None, None, false), false, (10, 3)),
        ] {
            let (input, output, _, source) = noted(&asked, whole);
            assert_eq!(
                (input, output, source),
                (expected.0, expected.1, "estimated"),
                "{asked:?}"
            );
        }
    }

    #[test]
    fn an_answer_that_broke_off_used_at_least_what_it_said() {
        let begun = capture(Some(7), Some(1), false);
        assert_eq!(
            noted(&begun, false).1,
            3,
            "what message_start counts is no total"
        );
        let counted = capture(Some(7), Some(8), false);
        assert_eq!(noted(&counted, false).1, 8);
        let ended = capture(Some(7), Some(2), true);
        let (_, output, _, source) = noted(&ended, false);
        assert_eq!((output, source), (2, "reported"));
    }

    #[test]
    fn what_a_cache_served_is_not_counted_twice() {
        let mut cached = capture(None, Some(5), true);
        cached.usage.cache_read = Some(4);
        assert_eq!(noted(&cached, true).0, 6);
    }
}
