//! One run of the binary.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Long, since a debug build compiles its policy components at first start. One that
/// exits instead is not waited for.
const START: Duration = Duration::from_secs(120);

pub(super) struct Process {
    child: Child,
    pub(super) client_url: String,
    pub(super) admin_url: String,
    stdout: Arc<Mutex<String>>,
    log: Arc<Mutex<String>>,
    readers: [JoinHandle<()>; 2],
}

impl Process {
    pub(super) fn start(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary to start");
        let log = Arc::new(Mutex::new(String::new()));
        let stdout = Arc::new(Mutex::new(String::new()));
        let (lines, heard) = channel();
        let out = child.stdout.take().expect("piped");
        let err = child.stderr.take().expect("piped");
        let readers = [
            collect(
                out,
                vec![Arc::clone(&stdout), Arc::clone(&log)],
                Some(lines),
            ),
            collect(err, vec![Arc::clone(&log)], None),
        ];
        let mut process = Self {
            child,
            client_url: String::new(),
            admin_url: String::new(),
            stdout,
            log,
            readers,
        };
        process.await_listening(&heard);
        process
    }

    fn await_listening(&mut self, heard: &Receiver<String>) {
        let deadline = Instant::now() + START;
        while self.client_url.is_empty() {
            let left = deadline.saturating_duration_since(Instant::now());
            match heard.recv_timeout(left) {
                Ok(line) => self.read_line(&line),
                Err(reason) => {
                    let status = self.child.try_wait();
                    panic!(
                        "the gateway does not listen ({reason}, {status:?})\n{}",
                        self.log()
                    );
                }
            }
        }
    }

    /// Reads `listening client=URL admin=URL`.
    fn read_line(&mut self, line: &str) {
        let Some(rest) = line.strip_prefix("listening ") else {
            return;
        };
        for word in rest.split_whitespace() {
            if let Some(url) = word.strip_prefix("client=") {
                self.client_url = url.trim_end_matches('/').to_owned();
            } else if let Some(url) = word.strip_prefix("admin=") {
                self.admin_url = url.trim_end_matches('/').to_owned();
            }
        }
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(super) fn log(&self) -> String {
        self.log
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(super) fn stdout(&self) -> String {
        self.stdout
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Whether everything it printed was read, which ends after it.
    pub(super) fn is_read(&self) -> bool {
        self.readers.iter().all(JoinHandle::is_finished)
    }

    pub(super) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    pub(super) fn try_wait(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("the child's status")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("--- log of the gateway ---\n{}--- end ---", self.log());
        }
    }
}

fn collect(
    from: impl Read + Send + 'static,
    into: Vec<Arc<Mutex<String>>>,
    lines: Option<Sender<String>>,
) -> JoinHandle<()> {
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            for text in &into {
                let mut text = text.lock().unwrap_or_else(PoisonError::into_inner);
                text.push_str(&line);
                text.push('\n');
            }
            if let Some(lines) = &lines {
                let _ = lines.send(line);
            }
        }
    })
}
