//! Histograms of atomics: an observation takes no lock, as those of the
//! library do.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use prometheus_client::encoding::{EncodeMetric, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::{MetricType, TypedMetric};

/// A scale for values in nanoseconds, shown in seconds.
pub const NANOSECONDS: f64 = 1e9;
/// A scale for values that are shown as they are.
pub const ONES: f64 = 1.0;

/// The buckets of a histogram.
#[derive(Debug)]
pub struct Scale {
    /// Their inclusive upper bounds, ascending; one more has no bound.
    pub bounds: &'static [u64],
    /// How many make one of the unit that is shown.
    pub unit: f64,
}

impl Scale {
    /// The bounds in the unit that is shown.
    #[must_use]
    #[allow(clippy::cast_precision_loss)]
    pub fn boundaries(&self) -> Vec<f64> {
        let shown = |bound: &u64| *bound as f64 / self.unit;
        self.bounds.iter().map(shown).collect()
    }
}

/// A histogram. Clones are the same one.
#[derive(Clone, Debug)]
pub struct Histogram(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    scale: &'static Scale,
    /// For each bucket, the last one without a bound.
    counts: Box<[AtomicU64]>,
    sum: AtomicU64,
}

impl Histogram {
    /// An empty one.
    #[must_use]
    pub fn new(scale: &'static Scale) -> Self {
        let counts = (0..=scale.bounds.len()).map(|_| AtomicU64::new(0));
        Self(Arc::new(Inner {
            scale,
            counts: counts.collect(),
            sum: AtomicU64::new(0),
        }))
    }

    /// Takes `value` in.
    pub fn observe(&self, value: u64) {
        let inner = &*self.0;
        let bucket = inner.scale.bounds.partition_point(|bound| *bound < value);
        if let Some(count) = inner.counts.get(bucket) {
            count.fetch_add(1, Ordering::Relaxed);
            inner.sum.fetch_add(value, Ordering::Relaxed);
        }
    }

    /// Takes `duration` in, on a scale of [`NANOSECONDS`].
    pub fn observe_time(&self, duration: Duration) {
        self.observe(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX));
    }

    /// Takes a time in microseconds in, on a scale of [`NANOSECONDS`].
    pub fn observe_us(&self, us: i64) {
        self.observe(u64::try_from(us).unwrap_or(0).saturating_mul(1_000));
    }
}

impl TypedMetric for Histogram {
    const TYPE: MetricType = MetricType::Histogram;
}

impl EncodeMetric for Histogram {
    #[allow(clippy::cast_precision_loss)]
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> std::fmt::Result {
        let Inner { scale, counts, sum } = &*self.0;
        let bounds = scale.boundaries().into_iter();
        let buckets: Vec<(f64, u64)> = bounds
            .chain([f64::INFINITY])
            .zip(counts.iter().map(|count| count.load(Ordering::Relaxed)))
            .collect();
        let count = buckets.iter().map(|(_, count)| count).sum();
        let sum = sum.load(Ordering::Relaxed) as f64 / scale.unit;
        encoder.encode_histogram::<NoLabelSet>(sum, count, &buckets, None)
    }

    fn metric_type(&self) -> MetricType {
        Self::TYPE
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use prometheus_client::encoding::text::encode;
    use prometheus_client::registry::Registry;

    static SCALE: Scale = Scale {
        bounds: &[1_000_000, 500_000_000],
        unit: NANOSECONDS,
    };

    #[test]
    fn buckets_are_cumulative_and_bounds_belong_to_them() {
        let histogram = Histogram::new(&SCALE);
        histogram.observe_time(Duration::from_millis(1));
        histogram.observe_us(1_001);
        histogram.observe_time(Duration::from_secs(2));
        let mut registry = Registry::default();
        registry.register("h_seconds", "H", histogram);
        let mut text = String::new();
        encode(&mut text, &registry).unwrap();
        let lines: Vec<&str> = text.lines().filter(|line| line.starts_with("h_")).collect();
        assert_eq!(
            lines,
            [
                "h_seconds_sum 2.002001",
                "h_seconds_count 3",
                "h_seconds_bucket{le=\"0.001\"} 1",
                "h_seconds_bucket{le=\"0.5\"} 2",
                "h_seconds_bucket{le=\"+Inf\"} 3",
            ]
        );
    }
}
