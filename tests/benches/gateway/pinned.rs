//! Processes on a core of their own.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde::Serialize;

use crate::error::BenchError;

/// How much of a process's standard error is worth showing.
const LAST_WORDS: usize = 2000;

/// The two cores of a run; `None` where processes can't be kept apart.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Cores {
    /// The gateway's, or the proxy's: only one of them is called at a time.
    pub measured: Option<usize>,
    /// The upstream's and the load's.
    pub harness: Option<usize>,
}

impl Cores {
    /// The first two cores this process may use.
    pub fn choose() -> Self {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let list = status
            .lines()
            .find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
        let mut cores = list.into_iter().flat_map(numbers);
        let taskset = Command::new("taskset")
            .arg("--version")
            .stdout(Stdio::null())
            .status();
        match (taskset, cores.next(), cores.next()) {
            (Ok(_), Some(measured), Some(harness)) => Self {
                measured: Some(measured),
                harness: Some(harness),
            },
            _ => Self {
                measured: None,
                harness: None,
            },
        }
    }
}

/// The numbers in a list like `0-3,8`.
fn numbers(list: &str) -> impl Iterator<Item = usize> {
    let range = |part: &str| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        Some(first.parse().ok()?..=last.parse().ok()?)
    };
    list.trim().split(',').filter_map(range).flatten()
}

/// A command that will run on one core. It keeps its process id: `taskset` becomes the program.
pub fn command(core: Option<usize>, program: &Path) -> Command {
    let Some(core) = core else {
        return Command::new(program);
    };
    let mut command = Command::new("taskset");
    command.arg("-c").arg(core.to_string()).arg(program);
    command
}

/// A process that listens; killed when dropped.
pub struct Running {
    child: Child,
    /// The base URL it said its clients should use.
    pub url: String,
}

impl Running {
    /// Starts a process and waits for its line `listening client=URL`. Its standard error goes
    /// to `log`.
    pub fn start(
        process: &'static str,
        mut command: Command,
        log: &Path,
    ) -> Result<Self, BenchError> {
        let file = File::create(log).map_err(BenchError::io("create a log"))?;
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(file);
        let mut child = command.spawn().map_err(BenchError::io("start a process"))?;
        let mut lines = child
            .stdout
            .take()
            .map(BufReader::new)
            .into_iter()
            .flat_map(BufRead::lines);
        let url = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| client_url(&line));
        // Nobody reads the rest, and a full pipe would stop the process.
        std::thread::spawn(move || lines.for_each(drop));
        let Some(url) = url else {
            // It closed its output, so it has ended or is about to.
            let _ = child.kill();
            let _ = child.wait();
            return Err(BenchError::NotListening {
                process,
                words: last_words(log),
            });
        };
        Ok(Self { child, url })
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Fails only if it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn client_url(line: &str) -> Option<String> {
    line.strip_prefix("listening ")?
        .split(' ')
        .find_map(|word| word.strip_prefix("client="))
        .map(str::to_owned)
}

fn last_words(log: &Path) -> String {
    let bytes = std::fs::read(log).unwrap_or_default();
    let start = bytes.len().saturating_sub(LAST_WORDS);
    String::from_utf8_lossy(bytes.get(start..).unwrap_or_default()).into_owned()
}
