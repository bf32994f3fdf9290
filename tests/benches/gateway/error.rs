//! Why a run stopped. A slow result is never an error.

use std::path::PathBuf;

/// What keeps the bench from measuring.
#[derive(thiserror::Error)]
pub enum BenchError {
    /// The gateway's binary isn't where it is expected.
    #[error("no gateway at {0}: run `cargo build --release` first, or name another in AINFERA_BIN")]
    NoGateway(PathBuf),
    /// A process ended, or said something else, where its address was expected.
    #[error("{process} did not say where it listens; its last words:\n{words}")]
    NotListening {
        /// The process's name in the report.
        process: &'static str,
        /// The end of what it wrote to its standard error.
        words: String,
    },
    /// A round ended without one good answer.
    #[error("{way} gave no good answer; the first bad one: {words}")]
    NoAnswer {
        /// The way's name in the report.
        way: &'static str,
        /// The answer's body, or why there was none.
        words: String,
    },
    /// Bytes that are no HTTP/1.1 message, or one that uses what this client leaves out.
    #[error("not an HTTP/1.1 message this bench reads: {0}")]
    Http(String),
    /// The operating system refused something.
    #[error("{doing}: {source}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// The system's answer.
        source: std::io::Error,
    },
    /// An HTTP client could not be made.
    #[error("no HTTP client: {0}")]
    Client(#[from] reqwest::Error),
    /// A figure could not be passed on as JSON.
    #[error("a line that should be JSON is not: {0}")]
    Json(#[from] serde_json::Error),
}

impl BenchError {
    /// Names what was being done when the system refused.
    pub fn io(doing: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io { doing, source }
    }
}

/// `main` prints errors by `Debug`; a reader wants the text.
impl std::fmt::Debug for BenchError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}
