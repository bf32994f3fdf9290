#![allow(clippy::unwrap_used)]

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

#[test]
fn the_environment_wins_over_the_file_and_the_file_over_the_defaults() {
    let dir = std::env::temp_dir().join(format!("ainfera-config-{}", std::process::id()));
    std::fs::write(
        &dir,
        "listen = \"127.0.0.1:1\"\nadmin_listen = \"127.0.0.1:2\"\n[timeouts]\nidle_ms = 5\n",
    )
    .unwrap();
    let env = |name: &str| (name == "AINFERA_LISTEN").then(|| "127.0.0.1:9".to_owned());
    let config = Config::load(Some(&dir), env).unwrap();
    std::fs::remove_file(&dir).unwrap();
    assert_eq!((config.listen.port(), config.admin_listen.port()), (9, 2));
    assert_eq!(config.timeouts.idle, Duration::from_millis(5));
    assert_eq!(config.database().file(), Some(Path::new("data/ainfera.db")));
}

/// The configuration in a file of this text.
fn file(text: &str) -> Result<Config, ConfigError> {
    static FILES: AtomicUsize = AtomicUsize::new(0);
    let name = format!(
        "ainfera-config-{}-{}",
        std::process::id(),
        FILES.fetch_add(1, Ordering::Relaxed)
    );
    let path = std::env::temp_dir().join(name);
    std::fs::write(&path, text).unwrap();
    let config = Config::load(Some(&path), |_| None);
    std::fs::remove_file(&path).unwrap();
    config
}

#[test]
fn a_burst_is_a_minutes_requests_unless_it_is_given() {
    let burst = |text| file(text).unwrap().rate.map(|rate| rate.burst.get());
    assert_eq!(burst(""), None);
    assert_eq!(burst("[rate_limit]\nrequests_per_minute = 60\n"), Some(60));
    assert_eq!(
        burst("[rate_limit]\nrequests_per_minute = 60\nburst = 2\n"),
        Some(2)
    );
    for none in ["burst = 2", "requests_per_minute = 0"] {
        let error = file(&format!("[rate_limit]\n{none}\n")).unwrap_err();
        assert!(error.to_string().contains("requests_per_minute"), "{error}");
    }
}

#[test]
fn idempotency_keys_are_honoured_unless_switched_off() {
    let keeping = |text| file(text).unwrap().idempotency;
    let hours = |hours: u64| Duration::from_secs(hours * 3600);
    let default = keeping("").unwrap();
    assert_eq!((default.time, default.longest), (hours(24), 4 << 20));
    let other = keeping("[idempotency]\nhours = 1\nmax_answer_bytes = 0\n").unwrap();
    assert_eq!((other.time, other.longest), (hours(1), 0));
    let most = "[idempotency]\nhours = 4294967295\nmax_answer_bytes = 1000000000000\n";
    let most = keeping(most).unwrap();
    assert_eq!((most.time, most.longest), (hours(366 * 24), 64 << 20));
    assert_eq!(keeping("[idempotency]\nenabled = false\n"), None);
    assert!(file("[idempotency]\nhours = 0\n").is_err());
}

#[test]
fn a_breaker_is_on_unless_it_takes_no_failures() {
    let rules = file("").unwrap().breaker.unwrap();
    assert_eq!(
        (rules.failures.get(), rules.open, rules.max_open),
        (5, Duration::from_secs(5), Duration::from_secs(60))
    );
    let rules = file("[breaker]\nopen_ms = 7\n").unwrap().breaker.unwrap();
    assert_eq!(
        (rules.failures.get(), rules.open),
        (5, Duration::from_millis(7))
    );
    assert_eq!(file("[breaker]\nfailures = 0\n").unwrap().breaker, None);
}

#[test]
fn what_cannot_be_used_is_named() {
    let with = |name: &'static str, value: &'static str| {
        Config::load(None, move |asked| (asked == name).then(|| value.to_owned()))
    };
    assert!(
        with("AINFERA_LISTEN", "8080")
            .unwrap_err()
            .to_string()
            .contains("AINFERA_LISTEN")
    );
    assert_eq!(
        with("AINFERA_DATABASE_URL", "postgres://me:secret@db/a")
            .unwrap()
            .database()
            .to_string(),
        "postgres://me@db:5432/a"
    );
    let mysql = with("AINFERA_DATABASE_URL", "mysql://me:secret@db/a")
        .unwrap_err()
        .to_string();
    assert!(
        mysql.contains("AINFERA_DATABASE_URL") && !mysql.contains("secret"),
        "{mysql}"
    );
    assert_eq!(
        with("AINFERA_DATABASE_URL", "sqlite:/a/b.db")
            .unwrap()
            .database()
            .file(),
        Some(Path::new("/a/b.db"))
    );
    assert!(
        Config::load(Some(Path::new("/nowhere.toml")), |_| None)
            .unwrap_err()
            .to_string()
            .contains("/nowhere.toml")
    );
}

#[test]
fn an_export_is_off_unless_it_has_an_endpoint() {
    assert_eq!(file("").unwrap().otlp, None);
    let on = file("[otlp]\nendpoint = \"http://127.0.0.1:4318\"\n").unwrap();
    assert_eq!(
        on.otlp.unwrap().traces.unwrap().url.as_str(),
        "http://127.0.0.1:4318/v1/traces"
    );
    let wrong = file("[otlp]\nendpoint = \"127.0.0.1:4318\"\n").unwrap_err();
    assert!(wrong.to_string().starts_with("otlp.endpoint"), "{wrong}");
}
