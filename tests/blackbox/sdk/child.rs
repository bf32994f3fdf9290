//! Interpreters and tools that `tests/run` has installed, run in an environment
//! that has nothing of the caller's own.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use ainfera_tests::gateway::target_profile;
use tempfile::TempDir;

/// The Python that has the SDKs and tools of `sdk/requirements.txt`.
pub fn python() -> PathBuf {
    installed("AINFERA_TEST_PYTHON", "venv/bin/python")
}

/// A program of the packages of `sdk/typescript/package.json`, which come with one
/// for each architecture.
pub fn node_package(name: &str, program: &str) -> PathBuf {
    let arch = match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => panic!("no {name} for {other}"),
    };
    node_modules()
        .join(format!("{name}-linux-{arch}"))
        .join(program)
}

fn node_modules() -> PathBuf {
    installed("AINFERA_TEST_NODE_MODULES", "node/node_modules")
}

/// A folder with TypeScript files that can import the packages.
pub struct Node {
    folder: TempDir,
}

impl Node {
    /// An empty one.
    pub fn new() -> Self {
        let folder = TempDir::new().expect("a temporary directory");
        let packages = folder.path().join("node_modules");
        std::os::unix::fs::symlink(node_modules(), packages).expect("a link");
        let node = Self { folder };
        node.add("package.json", r#"{"type": "module"}"#);
        node.add(
            "tsconfig.json",
            include_str!("../../sdk/typescript/tsconfig.json"),
        );
        node
    }

    /// Adds a file.
    pub fn add(&self, name: &str, content: &str) {
        std::fs::write(self.folder.path().join(name), content).expect("to write");
    }

    /// Node.js with these arguments.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = command(&node_package("node", "bin/node"), self.folder.path());
        command.args(args);
        command
    }

    /// Whether its files are right by the packages' own types.
    pub async fn check_types(&self) {
        run(self.command(&["node_modules/typescript/bin/tsc", "--project", "."])).await;
    }
}

fn installed(variable: &str, place: &str) -> PathBuf {
    let target = target_profile()
        .parent()
        .expect("the target folder")
        .to_owned();
    let path = std::env::var_os(variable).map_or_else(|| target.join(place), PathBuf::from);
    assert!(
        path.exists(),
        "{} is missing: `tests/run` installs it",
        path.display()
    );
    path
}

/// A program with `home` as its home and working directory, ended after a while
/// in which all of them are done many times over.
pub fn command(program: &Path, home: &Path) -> Command {
    within(900, program, home)
}

/// [`command`], for one that takes longer.
pub fn within(seconds: u32, program: &Path, home: &Path) -> Command {
    let mut command = Command::new("timeout");
    command
        .args(["--kill-after=5", &seconds.to_string()])
        .arg(program)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home)
        .current_dir(home)
        .stdin(Stdio::null());
    command
}

/// Runs it to its end, which must be a success: what it printed to standard
/// output and to standard error.
pub async fn run(mut command: Command) -> (String, String) {
    let run = tokio::task::spawn_blocking(move || command.output().expect("it to run"));
    let output = run.await.expect("no panic");
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.success(),
        "{}\n{stdout}\n{stderr}",
        output.status
    );
    (stdout, stderr)
}
