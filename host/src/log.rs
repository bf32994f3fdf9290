//! The log: on standard error, as lines for people or as JSON for machines.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

/// The variable that says which of the two.
const FORMAT: &str = "AINFERA_LOG_FORMAT";

/// Starts the log as the environment asks for it: `RUST_LOG` says what is
/// logged, `AINFERA_LOG_FORMAT` how.
///
/// # Errors
/// A format that is none of the two, in words.
pub fn start() -> Result<(), String> {
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,ainfera=info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match std::env::var(FORMAT).as_deref() {
        Ok("json") => log.json().flatten_event(true).init(),
        Err(_) | Ok("" | "text") => log.with_ansi(std::io::stderr().is_terminal()).init(),
        Ok(_) => return Err(format!("{FORMAT} must be text or json")),
    }
    Ok(())
}
