//! What the gateway adds to a call, measured beside the limit of its stack.
//!
//! Three ways to one upstream, in turns: straight to it, through a bare byte-copying proxy of the
//! same libraries, and through the gateway with its records on. Every way is a process pinned to
//! a core, so this program starts itself again in a role for all but the gateway.

mod answer;
mod error;
mod held;
mod http1;
mod load;
mod pinned;
mod plan;
mod procfs;
mod prompt;
mod proxy;
mod records;
mod report;
mod run;
mod settings;
mod stats;
mod text;
mod upstream;
mod verdict;
mod ways;

use clap::{Parser, Subcommand};
use error::BenchError;
use plan::Plan;

/// The gateway's allocator, so that the proxy is not slower for having another.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures the gateway beside a bare proxy and the upstream itself.
#[derive(Parser)]
#[command(name = "gateway")]
struct Arguments {
    #[command(subcommand)]
    role: Option<Role>,
    #[command(flatten)]
    plan: Plan,
    /// Print the results as JSON instead of text.
    #[arg(long)]
    json: bool,
    /// Cargo passes this when benchmarks are run, and not when they are only built as tests.
    #[arg(long, hide = true)]
    bench: bool,
}

/// What a process of this program is for.
#[derive(Subcommand)]
enum Role {
    /// Answers every call at once with fixed bytes.
    Upstream,
    /// Copies bytes to an upstream and back.
    Proxy(proxy::Settings),
    /// Calls a target for a while and prints what it measured as one line of JSON.
    Load(load::Settings),
}

fn main() -> Result<(), BenchError> {
    let arguments = Arguments::parse();
    match arguments.role {
        Some(Role::Upstream) => upstream::run(),
        Some(Role::Proxy(settings)) => proxy::run(&settings),
        Some(Role::Load(settings)) => load::run(&settings),
        None if arguments.bench => measure(&arguments),
        None => {
            println!("nothing measured: run `cargo bench -p ainfera-tests --bench gateway`");
            Ok(())
        }
    }
}

/// Runs the plan and prints its report.
fn measure(arguments: &Arguments) -> Result<(), BenchError> {
    let report = report::Report::of(run::run(&arguments.plan)?);
    if arguments.json {
        println!("{}", report.json()?);
    } else {
        println!("{}", text::Text(&report));
    }
    Ok(())
}
