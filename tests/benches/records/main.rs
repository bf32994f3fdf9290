//! What records cost: the gateway with its records on, over the same gateway without any, in
//! turns; on SQLite and on PostgreSQL, and with databases that hold a lot already.
//!
//! Uses the processes of the `gateway` bench: the load and the upstream on one core, each gateway
//! on the other.

#[path = "../gateway/answer.rs"]
mod answer;
#[path = "../gateway/error.rs"]
mod error;
#[path = "../gateway/http1.rs"]
mod http1;
#[path = "../gateway/load.rs"]
mod load;
#[path = "../gateway/pinned.rs"]
#[allow(dead_code, reason = "the gateway bench uses all of it")]
mod pinned;
#[path = "../gateway/prompt.rs"]
mod prompt;
mod report;
mod run;
mod seed;
#[path = "../gateway/settings.rs"]
mod settings;
#[path = "../gateway/stats.rs"]
mod stats;
#[path = "../gateway/upstream.rs"]
mod upstream;
mod ways;

use clap::{Parser, Subcommand};
use error::BenchError;

/// The gateway's allocator, as in the other bench.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures what records cost.
#[derive(Parser)]
#[command(name = "records")]
struct Arguments {
    #[command(subcommand)]
    role: Option<Role>,
    #[command(flatten)]
    plan: run::Plan,
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
    /// Calls a target for a while and prints what it measured as one line of JSON.
    Load(load::Settings),
}

fn main() -> Result<(), BenchError> {
    let arguments = Arguments::parse();
    match arguments.role {
        Some(Role::Upstream) => upstream::run(),
        Some(Role::Load(settings)) => load::run(&settings),
        None if arguments.bench => measure(&arguments),
        None => {
            println!("nothing measured: run `cargo bench -p ainfera-tests --bench records`");
            Ok(())
        }
    }
}

fn measure(arguments: &Arguments) -> Result<(), BenchError> {
    let run = run::run(&arguments.plan)?;
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&run)?);
    } else {
        print!("{}", report::Text(&run));
    }
    Ok(())
}
