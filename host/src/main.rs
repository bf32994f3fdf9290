//! The `ainfera` binary: the gateway, and the commands of founders, operators
//! and plugin authors.

use std::io::IsTerminal as _;
use std::process::ExitCode;

use ainfera::cli::{self, Cli};
use clap::Parser as _;
use tracing_subscriber::EnvFilter;

/// Many small allocations for each request, freed on other threads: measured
/// faster here than the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,ainfera=info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    // Each open stream takes two sockets; the usual soft limit is 1,024. What the
    // system does not grant shows as refused connections.
    if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
        tracing::warn!(%error, "the limit of open files stays as it is");
    }
    // Fails only where one is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => {
            let code = runtime.block_on(cli::run(cli));
            // A verification still at work has nobody left to tell.
            runtime.shutdown_background();
            code
        }
        Err(error) => {
            eprintln!("ainfera: the runtime does not start: {error}");
            ExitCode::from(2)
        }
    }
}
