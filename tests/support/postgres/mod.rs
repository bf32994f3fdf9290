//! PostgreSQL servers of the tests' own: private clusters on free loopback ports, gone
//! when the tests are, however those end.

mod client;
mod programs;

use std::hash::{BuildHasher as _, RandomState};
use std::io::Write as _;
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use crate::database::Database;
use crate::wait::PATIENCE;

pub(crate) use client::{changed, rows, run};

/// The variable that names a server for the tests, `postgres://USER@HOST:PORT` of a
/// superuser; without it they start one.
pub const SERVER: &str = "AINFERA_TEST_POSTGRES";

/// Below the ports that systems hand out, so that nobody has a server's port while it
/// is down between a kill and its next start.
const PORTS: std::ops::Range<u64> = 20_000..32_000;

/// For many gateways side by side. No test outlives a power cut, so nothing is synced;
/// nothing runs by itself, so that a database without clients has no connection.
const SETTINGS: [&str; 5] = [
    "listen_addresses=127.0.0.1",
    "max_connections=400",
    "shared_buffers=64MB",
    "fsync=off",
    "autovacuum=off",
];

/// A running server with data of its own. Dropping it stops it and deletes the data;
/// so does the end of the process.
pub struct Cluster {
    /// The shell that started the server, until its input ends.
    guardian: Mutex<(Child, Option<ChildStdin>)>,
    folder: PathBuf,
    url: String,
}

impl Cluster {
    /// Starts one; it takes a second. Never synced to a disk, which a kill of processes
    /// does not need.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// Starts one with these settings too, each as `name=value`: `fsync=on`, say.
    pub fn start_with(settings: &[&str]) -> Self {
        let (run_as, owner) = programs::user();
        let folder = tempfile::Builder::new()
            .prefix("ainfera-postgres-")
            .tempdir();
        // The guardian removes it: it lives longer.
        let folder = folder.expect("a temporary directory").keep();
        let folder = folder.canonicalize().expect("its path");
        if let Some((user, group)) = owner {
            std::os::unix::fs::chown(&folder, Some(user), Some(group)).expect("to give it away");
        }
        let port = free_port();
        let mut command = Command::new("sh");
        command
            .args(["-c", include_str!("guardian.sh"), "guardian"])
            .args([&folder, &programs::folder()])
            .args([run_as, "-p", &port.to_string(), "-k"])
            .arg(&folder);
        for setting in SETTINGS.iter().chain(settings) {
            command.args(["-c", setting]);
        }
        // A group of its own: an interrupt at the terminal is for the tests.
        let spawned = command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn();
        let mut guardian = spawned.expect("a shell");
        let orders = guardian.stdin.take();
        let cluster = Self {
            guardian: Mutex::new((guardian, orders)),
            folder,
            url: format!("postgres://postgres@127.0.0.1:{port}"),
        };
        cluster.resume();
        cluster
    }

    /// Where it is: `postgres://USER@HOST:PORT`, without a database.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A new, empty database of it.
    pub fn database(&self) -> Database {
        Database::create(&self.url)
    }

    /// Kills all of its processes, as a crash does: SIGKILL, no chance to write anything.
    pub fn kill(&self) {
        let deadline = Instant::now() + PATIENCE;
        while self.signal("-KILL") > 0 {
            assert!(Instant::now() < deadline, "PostgreSQL does not die");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Starts it again after a kill, on the same port and data.
    pub fn resume(&self) {
        let mut guardian = self.guardian.lock().unwrap_or_else(PoisonError::into_inner);
        let orders = guardian.1.as_mut().expect("open until the drop");
        orders.write_all(b"start\n").expect("a guardian");
        drop(guardian);
        let deadline = Instant::now() + PATIENCE;
        while let Err(error) = run(&self.maintenance(), "SELECT 1") {
            let log = || std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            assert!(Instant::now() < deadline, "{error}\n{}", log());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Stops all of its processes where they are: connections stay open, nothing answers.
    pub fn freeze(&self) {
        self.signal("-STOP");
    }

    /// Lets them go on.
    pub fn thaw(&self) {
        self.signal("-CONT");
    }

    /// Makes every transaction that begins from now on fail where it writes, or not.
    pub fn read_only(&self, on: bool) {
        let url = self.maintenance();
        let set = format!("ALTER SYSTEM SET default_transaction_read_only = {on}");
        run(&url, &set).expect(&set);
        run(&url, "SELECT pg_reload_conf()").expect("to reload");
        let deadline = Instant::now() + PATIENCE;
        let setting =
            "SELECT setting FROM pg_settings WHERE name = 'default_transaction_read_only'";
        let wanted = if on { "on" } else { "off" };
        while rows(&url, setting).expect(setting)[0]["setting"] != wanted {
            assert!(Instant::now() < deadline, "the setting does not change");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// The database that every server has.
    fn maintenance(&self) -> String {
        format!("{}/postgres", self.url)
    }

    /// Signals all of its processes; how many they were.
    fn signal(&self, signal: &str) -> usize {
        let processes = programs::working_in(&self.folder.join("data"));
        if !processes.is_empty() {
            // Some may have ended since.
            let _ = Command::new("kill")
                .arg(signal)
                .args(&processes)
                .stderr(Stdio::null())
                .status();
        }
        processes.len()
    }

    /// Its folder, which is gone when it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.thaw();
        let mut guardian = self.guardian.lock().unwrap_or_else(PoisonError::into_inner);
        guardian.1 = None;
        let _ = guardian.0.wait();
    }
}

/// The server that the tests of this run share: the one that [`SERVER`] names, else a
/// cluster of this process.
pub fn shared() -> &'static str {
    static SHARED: OnceLock<(String, Option<Cluster>)> = OnceLock::new();
    let (url, _) = SHARED.get_or_init(|| {
        if let Ok(url) = std::env::var(SERVER) {
            return (url, None);
        }
        let cluster = Cluster::start();
        (cluster.url().to_owned(), Some(cluster))
    });
    url
}

/// Each another: the server of the one before may not listen yet, or not just now.
fn free_port() -> u64 {
    static FIRST: OnceLock<u64> = OnceLock::new();
    static TRIED: AtomicU64 = AtomicU64::new(0);
    let first = FIRST.get_or_init(|| RandomState::new().hash_one(std::process::id()));
    let count = PORTS.end - PORTS.start;
    (0..count)
        .map(|_| TRIED.fetch_add(1, Ordering::Relaxed))
        .map(|step| PORTS.start + (first % count + step) % count)
        .find(|&port| {
            let port = u16::try_from(port).expect("a port");
            TcpListener::bind(("127.0.0.1", port)).is_ok()
        })
        .expect("a free port")
}
