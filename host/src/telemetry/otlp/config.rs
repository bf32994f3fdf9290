//! Where traces and metrics go: the standard environment variables, and the
//! configuration file's endpoint under them.
//! <https://opentelemetry.io/docs/specs/otel/protocol/exporter/>,
//! <https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/>

use std::time::Duration;

use reqwest::Url;

const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
/// The setting in the configuration file.
const IN_FILE: &str = "otlp.endpoint";

/// Where to send what. The SDK reads the rest of the environment by itself:
/// headers, resource, sampler, limits, the interval of metrics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtlpConfig {
    /// Traces; none are made where this is none.
    pub traces: Option<Target>,
    /// Metrics; none are made where this is none.
    pub metrics: Option<Target>,
    /// How spans are sent.
    pub batch: Batch,
}

/// Where a signal goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The whole URL.
    pub url: Url,
    /// How long the collector may take to answer.
    pub timeout: Duration,
}

/// How spans are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batch {
    /// The most that may wait; more are dropped.
    pub queue: usize,
    /// The most that are sent at once.
    pub size: usize,
    /// The longest that one waits for others.
    pub delay: Duration,
}

/// Why the export cannot be set up.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum OtlpConfigError {
    /// An endpoint that is none.
    #[error("{0} must be a URL of a collector, such as http://127.0.0.1:4318")]
    Endpoint(&'static str),
    /// A protocol that is not spoken.
    #[error("{0} must be http/protobuf: other protocols of OTLP are not spoken")]
    Protocol(&'static str),
    /// Another exporter than this one.
    #[error("{0} must be otlp, or none for no export")]
    Exporter(&'static str),
    /// A compression that is not there.
    #[error("{0} must be none: exports are not compressed")]
    Compression(&'static str),
    /// What should be a number.
    #[error("{0} must be a whole number above 0")]
    Number(&'static str),
}

/// The variables of a signal.
struct Signal {
    exporter: &'static str,
    endpoint: &'static str,
    protocol: &'static str,
    compression: &'static str,
    timeout: &'static str,
    path: &'static str,
}

const TRACES: Signal = Signal {
    exporter: "OTEL_TRACES_EXPORTER",
    endpoint: "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    protocol: "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
    compression: "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION",
    timeout: "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
    path: "/v1/traces",
};

const METRICS: Signal = Signal {
    exporter: "OTEL_METRICS_EXPORTER",
    endpoint: "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
    protocol: "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL",
    compression: "OTEL_EXPORTER_OTLP_METRICS_COMPRESSION",
    timeout: "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT",
    path: "/v1/metrics",
};

impl OtlpConfig {
    /// What `env` and, under it, the file's `endpoint` say; none where neither
    /// names an endpoint. An empty variable is as one that is not set.
    ///
    /// # Errors
    /// If it cannot be used, also where the SDK would go on with a default.
    pub fn read(
        endpoint: Option<&str>,
        env: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, OtlpConfigError> {
        let env = |name: &str| env(name).filter(|value| !value.is_empty());
        if env("OTEL_SDK_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
            return Ok(None);
        }
        let (traces, metrics) = (
            TRACES.target(endpoint, &env)?,
            METRICS.target(endpoint, &env)?,
        );
        if traces.is_none() && metrics.is_none() {
            return Ok(None);
        }
        let count = |name, default| match number(&env, name)? {
            None => Ok(default),
            Some(set) => usize::try_from(set).map_err(|_| OtlpConfigError::Number(name)),
        };
        let delay = number(&env, "OTEL_BSP_SCHEDULE_DELAY")?.unwrap_or(5_000);
        Ok(Some(Self {
            traces,
            metrics,
            batch: Batch {
                queue: count("OTEL_BSP_MAX_QUEUE_SIZE", 2_048)?,
                size: count("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", 512)?,
                delay: Duration::from_millis(delay),
            },
        }))
    }
}

impl Signal {
    fn target(
        &self,
        file: Option<&str>,
        env: &impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Target>, OtlpConfigError> {
        match env(self.exporter).as_deref() {
            Some("none") => return Ok(None),
            None | Some("otlp") => {}
            Some(_) => return Err(OtlpConfigError::Exporter(self.exporter)),
        }
        let (setting, text) = match (env(self.endpoint), env(ENDPOINT), file) {
            (Some(own), _, _) => (self.endpoint, own),
            (None, Some(base), _) => (ENDPOINT, base),
            (None, None, Some(base)) => (IN_FILE, base.to_owned()),
            (None, None, None) => return Ok(None),
        };
        let mut url = endpoint(&text).ok_or(OtlpConfigError::Endpoint(setting))?;
        // A signal's own is taken as it is.
        if setting != self.endpoint {
            let path = format!("{}{}", url.path().trim_end_matches('/'), self.path);
            url.set_path(&path);
        }
        for name in [self.protocol, "OTEL_EXPORTER_OTLP_PROTOCOL"] {
            if env(name).is_some_and(|protocol| protocol != "http/protobuf") {
                return Err(OtlpConfigError::Protocol(name));
            }
        }
        for name in [self.compression, "OTEL_EXPORTER_OTLP_COMPRESSION"] {
            if env(name).is_some_and(|compression| compression != "none") {
                return Err(OtlpConfigError::Compression(name));
            }
        }
        let timeout = match number(env, self.timeout)? {
            Some(own) => own,
            None => number(env, "OTEL_EXPORTER_OTLP_TIMEOUT")?.unwrap_or(10_000),
        };
        Ok(Some(Target {
            url,
            timeout: Duration::from_millis(timeout),
        }))
    }
}

/// The URL in `text`, if it is one of a collector. The parser would take a host
/// from what lacks a slash.
fn endpoint(text: &str) -> Option<Url> {
    let written = ["http://", "https://"]
        .iter()
        .any(|begin| text.starts_with(begin));
    let url = Url::parse(text).ok().filter(|_| written)?;
    (url.has_host() && url.fragment().is_none()).then_some(url)
}

fn number(
    env: &impl Fn(&str) -> Option<String>,
    name: &'static str,
) -> Result<Option<u64>, OtlpConfigError> {
    let Some(text) = env(name) else {
        return Ok(None);
    };
    match text.parse() {
        Ok(number) if number > 0 => Ok(Some(number)),
        _ => Err(OtlpConfigError::Number(name)),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn read(
        file: Option<&str>,
        env: &[(&str, &str)],
    ) -> Result<Option<OtlpConfig>, OtlpConfigError> {
        OtlpConfig::read(file, |asked| {
            let found = env.iter().find(|(name, _)| *name == asked)?;
            Some(found.1.to_owned())
        })
    }

    fn urls(file: Option<&str>, env: &[(&str, &str)]) -> Option<[Option<String>; 2]> {
        let config = read(file, env).unwrap()?;
        let url = |target: Option<Target>| target.map(|target| target.url.to_string());
        Some([url(config.traces), url(config.metrics)])
    }

    fn both(base: &str) -> Option<[Option<String>; 2]> {
        Some(["traces", "metrics"].map(|signal| Some(format!("{base}/v1/{signal}"))))
    }

    #[test]
    fn it_is_off_unless_an_endpoint_is_named() {
        assert_eq!(read(None, &[]), Ok(None));
        assert_eq!(read(None, &[(ENDPOINT, "")]), Ok(None));
        assert_eq!(read(None, &[("OTEL_SERVICE_NAME", "x")]), Ok(None));
        for off in [
            &[("OTEL_SDK_DISABLED", "true")][..],
            &[
                ("OTEL_TRACES_EXPORTER", "none"),
                ("OTEL_METRICS_EXPORTER", "none"),
            ],
        ] {
            assert_eq!(read(Some("http://c:4318"), off), Ok(None));
        }
    }

    #[test]
    fn the_environment_wins_over_the_file_and_a_signals_own_over_both() {
        let file = Some("http://file:4318/");
        assert_eq!(urls(file, &[]), both("http://file:4318"));
        assert_eq!(
            urls(file, &[(ENDPOINT, "https://env/otlp")]),
            both("https://env/otlp")
        );
        let own = [(TRACES.endpoint, "http://own/here")];
        let [traces, metrics] = urls(file, &own).unwrap();
        assert_eq!(traces.unwrap(), "http://own/here");
        assert_eq!(metrics.unwrap(), "http://file:4318/v1/metrics");
        let [traces, metrics] = urls(None, &own).unwrap();
        assert_eq!((traces.is_some(), metrics), (true, None));
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        let with = |name, value| read(Some("http://c:4318"), &[(name, value)]).unwrap_err();
        use OtlpConfigError as E;
        for none in [
            "localhost:4318",
            "c",
            "ftp://c",
            "http://",
            "http:/c",
            "/v1",
            "http://c:port",
        ] {
            assert_eq!(with(ENDPOINT, none), E::Endpoint(ENDPOINT), "{none}");
            assert_eq!(read(Some(none), &[]), Err(E::Endpoint(IN_FILE)), "{none}");
        }
        assert_eq!(with(METRICS.endpoint, "c"), E::Endpoint(METRICS.endpoint));
        let protocol = "OTEL_EXPORTER_OTLP_PROTOCOL";
        assert_eq!(with(protocol, "grpc"), E::Protocol(protocol));
        assert_eq!(
            with(TRACES.protocol, "http/json"),
            E::Protocol(TRACES.protocol)
        );
        assert_eq!(
            with(TRACES.exporter, "zipkin"),
            E::Exporter(TRACES.exporter)
        );
        assert_eq!(
            with(METRICS.compression, "gzip"),
            E::Compression(METRICS.compression)
        );
        for number in [
            METRICS.timeout,
            "OTEL_EXPORTER_OTLP_TIMEOUT",
            "OTEL_BSP_SCHEDULE_DELAY",
            "OTEL_BSP_MAX_QUEUE_SIZE",
        ] {
            assert_eq!(with(number, "0"), E::Number(number));
            assert_eq!(with(number, "5s"), E::Number(number));
        }
        assert!(with(ENDPOINT, "c").to_string().starts_with(ENDPOINT));
    }

    #[test]
    fn timeouts_and_batches_are_those_of_the_standard_unless_set() {
        let config = read(Some("http://c"), &[]).unwrap().unwrap();
        assert_eq!(config.traces.unwrap().timeout, Duration::from_secs(10));
        assert_eq!(
            config.batch,
            Batch {
                queue: 2_048,
                size: 512,
                delay: Duration::from_secs(5)
            }
        );
        let env = [
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "7"),
            ("OTEL_EXPORTER_OTLP_METRICS_TIMEOUT", "8"),
            ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "9"),
        ];
        let config = read(Some("http://c"), &env).unwrap().unwrap();
        assert_eq!(config.traces.unwrap().timeout, Duration::from_millis(7));
        assert_eq!(config.metrics.unwrap().timeout, Duration::from_millis(8));
        assert_eq!(config.batch.size, 9);
    }
}
