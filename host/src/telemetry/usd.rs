//! A counter of money.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use prometheus_client::encoding::{EncodeMetric, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::{MetricType, TypedMetric};

/// Money, counted exactly, in 1e-9 USD; only the text is in USD.
#[derive(Clone, Debug, Default)]
pub struct Usd(Arc<AtomicU64>);

impl Usd {
    /// Adds `nanousd`; a negative one, which no price makes, is nothing.
    pub fn add(&self, nanousd: i64) {
        self.0
            .fetch_add(u64::try_from(nanousd).unwrap_or(0), Ordering::Relaxed);
    }
}

impl TypedMetric for Usd {
    const TYPE: MetricType = MetricType::Counter;
}

impl EncodeMetric for Usd {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> std::fmt::Result {
        #[allow(clippy::cast_precision_loss)]
        let usd = self.0.load(Ordering::Relaxed) as f64 / 1e9;
        encoder.encode_counter::<NoLabelSet, f64, f64>(&usd, None)
    }

    fn metric_type(&self) -> MetricType {
        Self::TYPE
    }
}
