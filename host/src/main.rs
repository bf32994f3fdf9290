//! The `ainfera` binary: the gateway, and the commands of founders, operators
//! and plugin authors.

mod log;

use std::process::ExitCode;

use ainfera::cli::{self, Cli};
use clap::Parser as _;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Many small allocations for each request, freed on other threads: measured
/// faster here than the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    if let Some(code) = cli.alone() {
        return code;
    }
    if let Err(error) = log::start() {
        eprintln!("error: {error}");
        return ExitCode::from(2);
    }
    limits();
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

/// Sets what the process may take of the system. Refusals are no reason not to
/// start.
fn limits() {
    // Each open stream takes two sockets; the usual soft limit is 1,024. What
    // the system does not grant shows as refused connections.
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: maximum,
        maximum,
    };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::warn!(%error, "the limit of open files stays as it is");
    }
    // The allocator asks for huge pages, which round the idle process up to
    // nearly twice its size.
    if let Err(error) = rustix::thread::disable_transparent_huge_pages(true) {
        tracing::warn!(%error, "huge pages stay on: memory is rounded up");
    }
}
