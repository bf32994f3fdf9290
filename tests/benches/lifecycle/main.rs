//! What the life of a policy costs: from an upload to a proposal, from a signature
//! to the next call, and what traffic notices of it. Prints ratios from one run;
//! never fails on a number.

mod components;
mod cycles;
#[path = "../gateway/procfs.rs"]
#[allow(dead_code, reason = "the gateway bench uses all of it")]
mod procfs;
mod report;
mod run;
mod swap;
mod traffic;

use std::path::PathBuf;

use clap::Parser;

/// As in the gateway.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures the life of a policy.
#[derive(Clone, Debug, Parser)]
#[command(name = "lifecycle")]
struct Plan {
    /// Recorded decisions that a proposal decides again.
    #[arg(long, default_value_t = 10_000)]
    decisions: usize,
    /// Uploads of a new component of 60 KB.
    #[arg(long, default_value_t = 10)]
    uploads: usize,
    /// An interpreted component to upload once; may be given several times.
    #[arg(long, value_name = "FILE")]
    interpreted: Vec<PathBuf>,
    /// Swaps under traffic.
    #[arg(long, default_value_t = 1_000)]
    swaps: usize,
    /// Uploads, activations and rollbacks of a new component each.
    #[arg(long, default_value_t = 1_000)]
    cycles: usize,
    /// Calls a second of the traffic beside.
    #[arg(long, default_value_t = 400)]
    rate: u32,
    /// Cargo passes this when benchmarks are run, and not when they are only built as tests.
    #[arg(long, hide = true)]
    bench: bool,
}

#[tokio::main]
async fn main() {
    let plan = Plan::parse();
    if !plan.bench {
        println!("nothing measured: run `cargo bench -p ainfera-tests --bench lifecycle`");
        return;
    }
    println!("{}", run::run(&plan).await);
}
