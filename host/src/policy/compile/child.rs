//! The host's side of the compiler's process.

use std::io::{self, Read, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{self, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;

use rustix::process::Signal;

use super::CompileError;
use super::code::Code;
use super::inside::{REFUSED, Task};
use crate::policy::limits::Bounds;

/// Compilers that run at once. A second one, so that a set can be loaded while
/// somebody's large component compiles.
const AT_ONCE: usize = 2;

/// How much longer than its processor time a compiler may take: it yields to
/// everything else on the machine.
const PATIENCE: u32 = 10;

/// The most of the compiler's last words that is read, in bytes.
const WORDS: u64 = 4 << 10;

/// Runs compilers, a few at once.
#[derive(Default)]
pub(super) struct Child {
    running: Mutex<usize>,
    ended: Condvar,
}

impl Child {
    /// Compiles `bytes` in a process of its own, when it is its turn.
    pub(super) fn compile(&self, bytes: &[u8], bounds: Bounds) -> Result<Code, CompileError> {
        let _turn = self.turn();
        let lost = |error: io::Error| CompileError::Unavailable(error.to_string());
        let mut running = Running(start(bounds).map_err(lost)?);
        let (Some(mut stdin), Some(stdout)) = (running.0.stdin.take(), running.0.stdout.take())
        else {
            return Err(lost(io::ErrorKind::BrokenPipe.into()));
        };
        let most = bounds.code;
        thread::scope(|scope| {
            // One that stops reading has ended, and its status says why.
            scope.spawn(move || stdin.write_all(bytes));
            let (done, written) = mpsc::channel();
            scope.spawn(move || done.send(read(stdout, most as u64 + 1)));
            let code = match written.recv_timeout(bounds.time * PATIENCE) {
                Ok(code) => code.map_err(lost)?,
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    // Ends both threads above.
                    running.kill();
                    return Err(CompileError::Unavailable("it took too long".to_owned()));
                }
            };
            if code.len() > most {
                running.kill();
                return Err(CompileError::TooMuchCode(most));
            }
            running.end(bounds)?;
            Ok(Code::compiled(code))
        })
    }

    /// Waits for a place among those that run.
    fn turn(&self) -> Turn<'_> {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let mut running = self
            .ended
            .wait_while(running, |running| *running >= AT_ONCE)
            .unwrap_or_else(PoisonError::into_inner);
        *running += 1;
        Turn(self)
    }
}

/// A place among those that run.
struct Turn<'a>(&'a Child);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut running = self
            .0
            .running
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *running -= 1;
        self.0.ended.notify_one();
    }
}

/// A compiler at work. It does not outlive this value.
struct Running(process::Child);

impl Running {
    fn kill(&mut self) {
        // Fails where it has ended, which is what is wanted.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }

    /// Waits for its end, which is near: it has closed its output.
    fn end(&mut self, bounds: Bounds) -> Result<(), CompileError> {
        let lost = |error: io::Error| CompileError::Unavailable(error.to_string());
        let words = match self.0.stderr.take() {
            Some(stderr) => read(stderr, WORDS).map_err(lost)?,
            None => Vec::new(),
        };
        let words = String::from_utf8_lossy(&words);
        let status = self.0.wait().map_err(lost)?;
        let signal = status.signal();
        if status.success() {
            return Ok(());
        }
        Err(match (status.code(), signal) {
            (Some(code), _) if code == i32::from(REFUSED) => {
                CompileError::Invalid(words.into_owned())
            }
            (None, Some(signal)) if signal == Signal::XCPU.as_raw() => {
                CompileError::TooLong(bounds.time)
            }
            // A failed allocation, or a stack that ran over.
            (None, Some(signal)) if signal == Signal::ABORT.as_raw() => {
                CompileError::TooMuchMemory(bounds.memory)
            }
            _ => CompileError::Unavailable(format!("{status} {words}")),
        })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Starts this very binary as a compiler. It gets nothing of the host's: no
/// environment, no open file, no folder.
fn start(bounds: Bounds) -> io::Result<process::Child> {
    // What runs, even where its file was replaced meanwhile.
    Command::new("/proc/self/exe")
        .args(Task::new(bounds).arguments())
        .env_clear()
        // The allocator takes address space in steps of a GiB otherwise, and all
        // of it counts.
        .env("MIMALLOC_ARENA_RESERVE", "64MiB")
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
}

fn read(from: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}
