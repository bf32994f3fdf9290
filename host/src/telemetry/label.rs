//! Label sets, and values that may hold any character.

use std::fmt::Write as _;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use prometheus_client::encoding::{EncodeLabelValue, LabelValueEncoder};

/// The labels of a series: names from [`super::names`], and values.
pub type Labels<const N: usize> = [(&'static str, Value); N];

/// The value of a label.
#[derive(Clone, Debug)]
pub enum Value {
    /// A word of ours.
    Word(&'static str),
    /// A name from the catalog or from a plugin.
    Name(Arc<str>),
}

impl Value {
    fn as_str(&self) -> &str {
        match self {
            Self::Word(word) => word,
            Self::Name(name) => name,
        }
    }
}

impl From<&str> for Value {
    fn from(name: &str) -> Self {
        Self::Name(name.into())
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Value {}

impl Hash for Value {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl EncodeLabelValue for Value {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> std::fmt::Result {
        // Escapes what the text format wants escaped.
        encoder.write_str(self.as_str())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use prometheus_client::encoding::text::encode;
    use prometheus_client::metrics::counter::Counter;
    use prometheus_client::metrics::family::Family;
    use prometheus_client::registry::Registry;

    #[test]
    fn a_name_cannot_break_out_of_its_quotes() {
        let family = Family::<Labels<1>, Counter>::default();
        let name = "a\"} 1\nb\\";
        family.get_or_create(&[("name", Value::from(name))]).inc();
        let mut registry = Registry::default();
        registry.register("n", "N", family);
        let mut text = String::new();
        encode(&mut text, &registry).unwrap();
        assert!(
            text.contains("\nn_total{name=\"a\\\"} 1\\nb\\\\\"} 1\n"),
            "{text}"
        );
    }
}
