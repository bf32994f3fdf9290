//! The compiler's side of its process: `ainfera compile-component`.

use std::io::{self, Read as _, Write as _};
use std::process;

use rustix::process::{
    Pid, Resource, Rlimit, Signal, getppid, set_parent_process_death_signal, setrlimit,
};
use wasmtime::Engine;

use crate::policy::limits::Bounds;
use crate::policy::{processor, settings};

/// The hidden command.
pub(super) const COMMAND: &str = "compile-component";

/// The exit code that says: no component, for the reason on standard error.
pub(super) const REFUSED: u8 = 3;

/// Files that it may have open: three pipes, and what the system reads for it.
const FILES: u64 = 16;

/// What a compiler is told when it is started.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Task {
    /// The process that waits for it; without it nothing is compiled
    #[arg(long)]
    parent: i32,
    /// Seconds of processor time that it may take
    #[arg(long)]
    seconds: u64,
    /// Bytes of memory that it may take
    #[arg(long)]
    memory: u64,
    /// Makes the code better than it comes
    #[arg(long)]
    optimized: bool,
}

impl Task {
    pub(super) fn new(bounds: Bounds) -> Self {
        Self {
            parent: process::id().cast_signed(),
            seconds: bounds.time.as_secs(),
            memory: bounds.memory,
            optimized: bounds.optimized,
        }
    }

    /// The command line that says this.
    pub(super) fn arguments(self) -> impl Iterator<Item = String> {
        let Self {
            parent,
            seconds,
            memory,
            optimized,
        } = self;
        let words = [
            COMMAND.to_owned(),
            "--parent".to_owned(),
            parent.to_string(),
            "--seconds".to_owned(),
            seconds.to_string(),
            "--memory".to_owned(),
            memory.to_string(),
        ];
        words
            .into_iter()
            .chain(optimized.then(|| "--optimized".to_owned()))
    }

    /// Bounds this process for good.
    fn confine(self) -> io::Result<()> {
        set_parent_process_death_signal(Some(Signal::KILL))?;
        // It may have ended before the line above.
        if getppid().map(Pid::as_raw_pid) != Some(self.parent) {
            return Err(io::ErrorKind::NotConnected.into());
        }
        // Where it fails, the compiler is merely a worse neighbour.
        let _ = processor::give_way(19);
        // Where memory gets short the system takes this process first.
        let _ = std::fs::write("/proc/self/oom_score_adj", "1000");
        for (resource, most) in [
            (Resource::Cpu, self.seconds),
            (Resource::As, self.memory),
            (Resource::Fsize, 0),
            (Resource::Core, 0),
            (Resource::Nofile, FILES),
        ] {
            // The hard limit of time comes a second later, with a signal of its own.
            let hard = most + u64::from(resource == Resource::Cpu);
            let bounds = Rlimit {
                current: Some(most),
                maximum: Some(hard),
            };
            setrlimit(resource, bounds)?;
        }
        Ok(())
    }
}

/// Compiles the component on standard input and writes its code to standard
/// output. Gives the exit code.
#[must_use]
pub fn work(task: Task) -> u8 {
    let done = task.confine().map_err(|error| (1, error.to_string()));
    match done.and_then(|()| compile(task.optimized)) {
        Ok(()) => 0,
        Err((code, why)) => {
            // Short: nobody reads it before the end.
            let why: String = why.chars().take(1_000).collect();
            let _ = io::stderr().write_all(why.as_bytes());
            code
        }
    }
}

fn compile(optimized: bool) -> Result<(), (u8, String)> {
    let broken = |error: io::Error| (1, error.to_string());
    let mut bytes = Vec::new();
    io::stdin().read_to_end(&mut bytes).map_err(broken)?;
    let refused = |error: wasmtime::Error| (REFUSED, format!("{error:#}"));
    let config = match optimized {
        true => settings::code_config(),
        false => settings::plain_code_config(),
    };
    let engine = Engine::new(&config).map_err(|error| (1, format!("{error:#}")))?;
    let code = engine.precompile_component(&bytes).map_err(refused)?;
    io::stdout().write_all(&code).map_err(broken)
}
