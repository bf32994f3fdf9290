//! The configuration file as it is written.

use std::net::SocketAddr;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use crate::gateway::idempotency::Keeping;
use crate::gateway::rate::Rate;
use crate::lifecycle::sandbox::Quota;
use crate::policy::Guests;
use crate::policy::limits::{Class, Limits};
use crate::policy::settings::MAX_MEMORY;
use crate::routing::breaker::Rules;

/// Idempotency keys are not kept for longer: a year.
const LONGEST_HOURS: u32 = 366 * 24;
/// No larger answer is kept: the writer commits it with the end of its call.
const LARGEST_ANSWER: usize = 64 << 20;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct File {
    pub(super) listen: Option<SocketAddr>,
    pub(super) admin_listen: Option<SocketAddr>,
    pub(super) data_dir: Option<PathBuf>,
    pub(super) catalog: Option<PathBuf>,
    pub(super) founder_threshold: Option<NonZeroUsize>,
    pub(super) timeouts: TimeoutsFile,
    pub(super) limits: LimitsFile,
    pub(super) records: RecordsFile,
    pub(super) idempotency: IdempotencyFile,
    pub(super) rate_limit: Option<RateLimitFile>,
    pub(super) sandbox: SandboxFile,
    pub(super) breaker: BreakerFile,
    pub(super) plugins: PluginsFile,
    pub(super) otlp: OtlpFile,
}

/// Milliseconds each.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct TimeoutsFile {
    pub(super) connect_ms: Option<u64>,
    pub(super) first_event_ms: Option<u64>,
    pub(super) answer_ms: Option<u64>,
    pub(super) idle_ms: Option<u64>,
    pub(super) ping_ms: Option<u64>,
    pub(super) header_ms: Option<u64>,
    pub(super) body_ms: Option<u64>,
    pub(super) drain_ms: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct LimitsFile {
    pub(super) body_bytes: Option<usize>,
    pub(super) open_calls: Option<usize>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RecordsFile {
    pub(super) synchronous: Synchronous,
    pub(super) checkpoint_ms: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct OtlpFile {
    pub(super) endpoint: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct IdempotencyFile {
    enabled: bool,
    hours: NonZeroU32,
    max_answer_bytes: usize,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RateLimitFile {
    requests_per_minute: NonZeroU32,
    /// A minute's requests where it is left out.
    burst: Option<NonZeroU32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct SandboxFile {
    requests_per_minute: NonZeroU32,
    seconds_per_minute: NonZeroU32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct BreakerFile {
    /// 0 switches it off.
    failures: u32,
    open_ms: u64,
    max_open_ms: u64,
}

impl RateLimitFile {
    pub(super) fn rate(&self) -> Rate {
        Rate {
            requests_per_minute: self.requests_per_minute,
            burst: self.burst.unwrap_or(self.requests_per_minute),
        }
    }
}

impl IdempotencyFile {
    pub(super) fn keeping(&self) -> Option<Keeping> {
        let hours = Duration::from_secs(3600);
        self.enabled.then(|| Keeping {
            time: hours * self.hours.get().min(LONGEST_HOURS),
            longest: self.max_answer_bytes.min(LARGEST_ANSWER),
        })
    }
}

impl Default for IdempotencyFile {
    fn default() -> Self {
        Self {
            enabled: true,
            hours: const { NonZeroU32::new(24).unwrap() },
            max_answer_bytes: 4 << 20,
        }
    }
}

impl SandboxFile {
    pub(super) fn quota(&self) -> Quota {
        Quota {
            requests: self.requests_per_minute,
            time: Duration::from_secs(self.seconds_per_minute.get().into()),
        }
    }
}

impl Default for SandboxFile {
    fn default() -> Self {
        Self {
            requests_per_minute: const { NonZeroU32::new(60).unwrap() },
            seconds_per_minute: const { NonZeroU32::new(30).unwrap() },
        }
    }
}

impl BreakerFile {
    pub(super) fn rules(&self) -> Option<Rules> {
        Some(Rules {
            failures: NonZeroU32::new(self.failures)?,
            open: Duration::from_millis(self.open_ms),
            max_open: Duration::from_millis(self.max_open_ms),
        })
    }
}

impl Default for BreakerFile {
    fn default() -> Self {
        Self {
            failures: 5,
            open_ms: 5_000,
            max_open_ms: 60_000,
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct PluginsFile {
    interpreted: InterpretedFile,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct InterpretedFile {
    enabled: bool,
    max_bytes: usize,
    /// At most what a sandbox has.
    max_memory_bytes: usize,
    max_fuel: u64,
}

impl PluginsFile {
    pub(super) fn guests(&self) -> Guests {
        let Self { interpreted } = self;
        let class = Class {
            bytes: interpreted.max_bytes,
            limits: Limits {
                fuel: interpreted.max_fuel,
                memory: interpreted.max_memory_bytes.min(MAX_MEMORY),
            },
            ..Class::INTERPRETED
        };
        Guests {
            interpreted: interpreted.enabled.then_some(class),
        }
    }
}

impl Default for InterpretedFile {
    fn default() -> Self {
        let Class { bytes, limits, .. } = Class::INTERPRETED;
        Self {
            enabled: true,
            max_bytes: bytes,
            max_memory_bytes: limits.memory,
            max_fuel: limits.fuel,
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Synchronous {
    #[default]
    Normal,
    Full,
}
