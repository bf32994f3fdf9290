//! What is measured, how often and for how long.

use serde::Serialize;

use crate::prompt::Prompt;

/// The length of a run.
#[derive(Debug, Clone, Serialize, clap::Args)]
pub struct Plan {
    /// Rounds of every figure. Each round visits every figure and every way once.
    #[arg(long, default_value_t = 7)]
    pub rounds: usize,
    /// Milliseconds measured in one visit.
    #[arg(long, default_value_t = 1000)]
    pub measured: u64,
    /// Milliseconds before them that are not measured.
    #[arg(long, default_value_t = 300)]
    pub warm_up: u64,
    /// Streams that are held open to see what each takes of memory.
    #[arg(long, default_value_t = 1000)]
    pub open: usize,
    /// Leave the gateway out: shows what the stack gives on this machine.
    #[arg(long)]
    pub baseline: bool,
}

/// One figure: a kind of call at a concurrency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Cell {
    /// What is asked for.
    pub prompt: Prompt,
    /// Connections, each with one call at a time.
    pub concurrency: usize,
}

/// Every figure of a run.
pub const CELLS: [Cell; 9] = [
    cell(Prompt::Answer, 1),
    cell(Prompt::Answer, 16),
    cell(Prompt::Answer, 64),
    cell(Prompt::Stream, 1),
    cell(Prompt::Stream, 16),
    cell(Prompt::Stream, 64),
    cell(Prompt::FirstByte, 1),
    cell(Prompt::Tokens, 16),
    cell(Prompt::Translated, 16),
];

/// Shorter to read in a table.
pub const fn cell(prompt: Prompt, concurrency: usize) -> Cell {
    Cell {
        prompt,
        concurrency,
    }
}
