//! What an operator sets: a TOML file, and the environment over it.

mod file;

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use file::{File, Synchronous};

use crate::body::BodyLimits;
use crate::gateway::idempotency::Keeping;
use crate::gateway::rate::Rate;
use crate::lifecycle::sandbox::Quota;
use crate::policy::Guests;
use crate::provider::Timeouts;
use crate::routing::breaker::Rules;
use crate::store::{BadLocation, Durability, Location};
use crate::telemetry::otlp::{OtlpConfig, OtlpConfigError};

/// Everything that a start needs to know.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where clients call.
    pub listen: SocketAddr,
    /// Where founders, operators and authors call.
    pub admin_listen: SocketAddr,
    /// Where the host's key is, and the database, unless `database` says otherwise.
    pub data_dir: PathBuf,
    /// The database, where it is not the file in `data_dir`.
    pub database: Option<Location>,
    /// The catalog that a first start is seeded with; else the built-in one.
    pub catalog: Option<PathBuf>,
    /// How many founders have to sign a change of the policy.
    pub founder_threshold: NonZeroUsize,
    /// Against what the records are safe.
    pub durability: Durability,
    /// How often the ends of the audit chains are signed.
    pub checkpoint: Duration,
    /// How long providers may take.
    pub timeouts: Timeouts,
    /// What clients may send.
    pub limits: BodyLimits,
    /// How long a request's headers may take to arrive.
    pub header_timeout: Duration,
    /// How long streams may go on after SIGTERM.
    pub drain: Duration,
    /// Calls that may be open at once.
    pub max_open_calls: usize,
    /// What is kept under idempotency keys; none where they are not honoured.
    pub idempotency: Option<Keeping>,
    /// How often a key may call; as often as it likes where there is none.
    pub rate: Option<Rate>,
    /// What each author may use of the sandbox.
    pub sandbox: Quota,
    /// When the breaker of an offer opens; never where there is none.
    pub breaker: Option<Rules>,
    /// The guests that are taken.
    pub guests: Guests,
    /// Where traces and metrics go; nowhere where it is none.
    pub otlp: Option<OtlpConfig>,
    /// Secrets and switches that only the environment has.
    pub env: Environment,
}

/// What only the environment sets.
#[derive(Clone, Default)]
pub struct Environment {
    /// The API key of a first start; else one is made and shown.
    pub bootstrap_api_key: Option<String>,
    /// The admin token; else the one of the first start holds.
    pub admin_token: Option<String>,
    /// Founder keys that replace the enrolled ones.
    pub founder_keys: Option<String>,
    /// `AINFERA_ROUTING_PREFERENCE_LIVE`.
    pub routing_preference_live: Option<String>,
}

impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Environment(..)")
    }
}

/// How many founders have to sign.
const THRESHOLD: &str = "AINFERA_FOUNDER_THRESHOLD";

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration file {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is not of its form.
    #[error("the configuration file {path} is not valid: {why}")]
    Form {
        /// The file.
        path: PathBuf,
        /// What is wrong, with its line.
        why: String,
    },
    /// An address that is none.
    #[error("{0} must be an address and port, such as 127.0.0.1:8080")]
    Address(&'static str),
    /// A threshold that is none.
    #[error("{THRESHOLD} is no number of founders: set it to 1 or more")]
    Threshold,
    /// The export of traces and metrics.
    #[error(transparent)]
    Otlp(#[from] OtlpConfigError),
    /// A URL that names no database.
    #[error("AINFERA_DATABASE_URL cannot be used: {0}")]
    Database(#[from] BadLocation),
}

impl Config {
    /// The configuration in `path`, or the defaults, with what `env` has over
    /// it.
    ///
    /// # Errors
    /// If the file or a variable cannot be used.
    pub fn load(
        path: Option<&Path>,
        env: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let file = match path {
            None => File::default(),
            Some(path) => {
                let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read {
                    path: path.to_owned(),
                    source,
                })?;
                toml::from_str(&text).map_err(|error| ConfigError::Form {
                    path: path.to_owned(),
                    why: error.to_string(),
                })?
            }
        };
        let raw = env;
        let env = |name: &str| raw(name).filter(|value| !value.is_empty());
        let address = |name: &'static str, file: Option<SocketAddr>, port| match env(name) {
            Some(text) => text.parse().map_err(|_| ConfigError::Address(name)),
            None => Ok(file.unwrap_or(SocketAddr::from(([127, 0, 0, 1], port)))),
        };
        let database = env("AINFERA_DATABASE_URL").map(|url| url.parse());
        let ms =
            |value: Option<u64>, default: Duration| value.map_or(default, Duration::from_millis);
        let (times, timeouts) = (file.timeouts, Timeouts::default());
        Ok(Self {
            listen: address("AINFERA_LISTEN", file.listen, 8080)?,
            admin_listen: address("AINFERA_ADMIN_LISTEN", file.admin_listen, 8081)?,
            data_dir: env("AINFERA_DATA_DIR")
                .map(PathBuf::from)
                .or(file.data_dir)
                .unwrap_or_else(|| "data".into()),
            database: database.transpose()?,
            catalog: env("AINFERA_CATALOG").map(PathBuf::from).or(file.catalog),
            founder_threshold: match env(THRESHOLD) {
                Some(text) => text.parse().map_err(|_| ConfigError::Threshold)?,
                None => file.founder_threshold.unwrap_or(NonZeroUsize::MIN),
            },
            durability: match file.records.synchronous {
                Synchronous::Normal => Durability::Kill,
                Synchronous::Full => Durability::PowerLoss,
            },
            checkpoint: ms(file.records.checkpoint_ms, Duration::from_secs(60))
                .max(Duration::from_millis(1)),
            timeouts: Timeouts {
                connect: ms(times.connect_ms, timeouts.connect),
                first_event: ms(times.first_event_ms, timeouts.first_event),
                answer: ms(times.answer_ms, timeouts.answer),
                idle: ms(times.idle_ms, timeouts.idle),
                ping: ms(times.ping_ms, timeouts.ping),
            },
            limits: BodyLimits {
                bytes: file.limits.body_bytes.unwrap_or(32 << 20),
                pause: ms(times.body_ms, Duration::from_secs(30)),
                total: Duration::from_secs(300),
            },
            header_timeout: ms(times.header_ms, Duration::from_secs(30)),
            drain: ms(times.drain_ms, Duration::from_secs(30)),
            max_open_calls: file.limits.open_calls.unwrap_or(10_000),
            idempotency: file.idempotency.keeping(),
            rate: file.rate_limit.map(|limit| limit.rate()),
            sandbox: file.sandbox.quota(),
            breaker: file.breaker.rules(),
            guests: file.plugins.guests(),
            otlp: OtlpConfig::read(file.otlp.endpoint.as_deref(), &raw)?,
            env: Environment {
                bootstrap_api_key: env("AINFERA_BOOTSTRAP_API_KEY"),
                admin_token: env("AINFERA_ADMIN_TOKEN"),
                founder_keys: env("AINFERA_FOUNDER_KEYS"),
                // Set but empty is a value, and none of the two that are allowed.
                routing_preference_live: raw("AINFERA_ROUTING_PREFERENCE_LIVE"),
            },
        })
    }

    /// The database.
    #[must_use]
    pub fn database(&self) -> Location {
        self.database
            .clone()
            .unwrap_or_else(|| Location::File(self.data_dir.join("ainfera.db")))
    }
}

#[cfg(test)]
mod tests;
