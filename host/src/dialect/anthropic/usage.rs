//! Usage as it lies on the wire.

use serde::{Deserialize, Serialize};

use crate::dialect::common;
use crate::dialect::json::count;

/// Tokens used, cumulative wherever it stands.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Usage {
    #[serde(deserialize_with = "count", skip_serializing_if = "Option::is_none")]
    pub(super) input_tokens: Option<u64>,
    #[serde(deserialize_with = "count", skip_serializing_if = "Option::is_none")]
    pub(super) cache_creation_input_tokens: Option<u64>,
    #[serde(deserialize_with = "count", skip_serializing_if = "Option::is_none")]
    pub(super) cache_read_input_tokens: Option<u64>,
    #[serde(deserialize_with = "count", skip_serializing_if = "Option::is_none")]
    pub(super) output_tokens: Option<u64>,
}

impl From<Usage> for common::Usage {
    fn from(usage: Usage) -> Self {
        Self {
            input_tokens: usage.input_tokens,
            output_tokens: usage.output_tokens,
            cache_read: usage.cache_read_input_tokens,
            cache_write: usage.cache_creation_input_tokens,
        }
    }
}

impl From<&common::Usage> for Usage {
    fn from(usage: &common::Usage) -> Self {
        Self {
            input_tokens: usage.input_tokens,
            cache_creation_input_tokens: usage.cache_write,
            cache_read_input_tokens: usage.cache_read,
            output_tokens: usage.output_tokens,
        }
    }
}

impl Usage {
    /// Where the dialect requires the counts of input and output, unknown ones
    /// are 0.
    pub(super) fn complete(usage: &common::Usage) -> Self {
        let mut usage = Self::from(usage);
        usage.input_tokens.get_or_insert(0);
        usage.output_tokens.get_or_insert(0);
        usage
    }
}
