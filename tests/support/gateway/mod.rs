//! The built binary as a child process, on free ports and a directory of its own.

mod config;
mod process;
mod setup;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tempfile::TempDir;

pub use config::{Catalog, Offer, Timeouts};
use process::Process;
pub use setup::Setup;

use crate::client::{Admin, Client};
use crate::database::Database;
use crate::records::Records;

/// The client key that the first start is given.
pub const API_KEY: &str = "ainf-test-client-key-0123456789abcdef0123456789abcdef";
/// The admin token that the first start is given.
pub const ADMIN_TOKEN: &str = "ainf-test-admin-token-0123456789abcdef0123456789abcdef";
/// The key that the gateway has for providers that need one.
pub const PROVIDER_KEY: &str = "provider-secret-that-must-not-leak";

/// What names the database of a gateway that is not the file in its directory.
pub const DATABASE_URL: &str = "AINFERA_DATABASE_URL";

/// Where the binary under test is: `AINFERA_BIN`, else beside the test's own
/// profile folder.
pub fn binary() -> PathBuf {
    if let Some(path) = std::env::var_os("AINFERA_BIN") {
        return path.into();
    }
    let path = target_profile().join("ainfera");
    assert!(
        path.is_file(),
        "{} is missing: run `cargo build -p ainfera` first",
        path.display()
    );
    path
}

/// `<target dir>/<profile>`, from where this test binary lies.
pub fn target_profile() -> PathBuf {
    let exe = std::env::current_exe().expect("the path of the test binary");
    let deps = exe.parent().expect("a folder of the test binary");
    let profile = if deps.ends_with("deps") {
        deps.parent()
    } else {
        Some(deps)
    };
    profile.expect("a profile folder").to_owned()
}

/// A running gateway. Dropping it kills the process and deletes its directory;
/// in a failing test it prints the log first.
pub struct Gateway {
    setup: Setup,
    // Before the directory and after the process, in the order of their ends.
    process: Mutex<Process>,
    database: Database,
    dir: Arc<TempDir>,
    client_url: String,
    admin_url: String,
}

impl Gateway {
    async fn launch(setup: Setup, dir: Arc<TempDir>, database: Database) -> Self {
        let command = setup.command(dir.path(), &database);
        let started = tokio::task::spawn_blocking(move || Process::start(command)).await;
        let process = started.expect("the gateway to start");
        let client_url = process.client_url.clone();
        let admin_url = process.admin_url.clone();
        Self {
            setup,
            process: Mutex::new(process),
            database,
            dir,
            client_url,
            admin_url,
        }
    }

    /// Where clients call.
    pub fn url(&self) -> &str {
        &self.client_url
    }

    /// Where the admin API is.
    pub fn admin_url(&self) -> &str {
        &self.admin_url
    }

    /// `127.0.0.1:PORT` of the client listener, for raw connections.
    pub fn addr(&self) -> &str {
        self.client_url.trim_start_matches("http://")
    }

    /// A client with the bootstrap key.
    pub fn client(&self) -> Client {
        Client::new(&self.client_url, API_KEY)
    }

    /// An admin client with the bootstrap token.
    pub fn admin(&self) -> Admin {
        Admin::new(&self.admin_url, ADMIN_TOKEN)
    }

    /// What it has written to its database.
    pub fn records(&self) -> Records {
        Records::of(self.database.clone())
    }

    /// Its database.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Its data directory.
    pub fn data_dir(&self) -> PathBuf {
        setup::data(self.dir.path())
    }

    /// A directory for files of the test, deleted with the gateway's own.
    pub fn scratch(&self) -> &Path {
        self.dir.path()
    }

    /// Everything it has printed so far.
    pub fn log(&self) -> String {
        self.with_process(|process| process.log())
    }

    /// What it printed to standard output so far.
    pub fn stdout(&self) -> String {
        self.with_process(|process| process.stdout())
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.with_process(|process| process.pid())
    }

    fn with_process<T>(&self, read: impl FnOnce(&Process) -> T) -> T {
        let process = self
            .process
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        read(&process)
    }

    /// Runs a command of the binary against this gateway's admin API, or on its database.
    pub async fn cli(&self, args: &[&str]) -> Output {
        let mut command = Command::new(binary());
        command
            .args(args)
            .env("AINFERA_ADMIN_URL", &self.admin_url)
            .env("AINFERA_ADMIN_TOKEN", ADMIN_TOKEN)
            .current_dir(self.dir.path());
        if let Some(url) = self.database.url() {
            command.env(DATABASE_URL, url);
        }
        let run = tokio::task::spawn_blocking(move || command.output().expect("the binary to run"));
        run.await.expect("no panic")
    }

    /// [`Self::cli`], which must succeed; what it printed to standard output.
    pub async fn cli_ok(&self, args: &[&str]) -> String {
        let output = self.cli(args).await;
        let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "ainfera {args:?}: {}\n{stdout}\n{stderr}",
            output.status
        );
        stdout
    }

    /// Kills it as a power cut would: SIGKILL, no chance to write anything.
    pub fn kill(&self) {
        self.with_process_mut(Process::kill);
    }

    /// Asks it to drain (SIGTERM), without waiting for it.
    pub fn terminate(&self) {
        self.with_process(|process| {
            let pid = process.pid().to_string();
            let status = Command::new("kill").args(["-TERM", &pid]).status();
            assert!(
                status.is_ok_and(|status| status.success()),
                "kill -TERM {pid}"
            );
        });
    }

    /// Waits until it has exited by itself, and gives its exit status. Then the log is
    /// whole.
    pub async fn exited(&self) -> std::process::ExitStatus {
        let status = crate::wait::until("the gateway to exit", || {
            self.with_process_mut(|process| process.try_wait())
        })
        .await;
        crate::wait::until("its last words", || {
            self.with_process(|process| process.is_read().then_some(()))
        })
        .await;
        status
    }

    /// Kills it and starts it again on the same directory and database.
    pub async fn restart(self) -> Self {
        self.restart_with(|setup| setup).await
    }

    /// Starts a process on the directory of this one, which must be dead, and kills
    /// it after so long, wherever it is by then.
    pub async fn false_start(&self, life: Duration) {
        let mut command = self.setup.command(self.dir.path(), &self.database);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the binary to start");
        tokio::time::sleep(life).await;
        let _ = child.kill();
        let _ = child.wait();
    }

    /// The same with another setup.
    pub async fn restart_with(self, change: impl FnOnce(Setup) -> Setup) -> Self {
        self.kill();
        let setup = change(self.setup.clone());
        let (dir, database) = (Arc::clone(&self.dir), self.database.clone());
        drop(self);
        Self::launch(setup, dir, database).await
    }

    fn with_process_mut<T>(&self, change: impl FnOnce(&mut Process) -> T) -> T {
        let mut process = self
            .process
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        change(&mut process)
    }
}
