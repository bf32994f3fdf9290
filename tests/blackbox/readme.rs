//! The README's calls work as written: its blocks are run as they stand, in
//! order, against a freshly started gateway. Only the ports and the PATH are
//! others, and the prompt is answered.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use ainfera_tests::gateway::{Gateway, Setup, binary};

use crate::sdk::python;

/// The block of this language in the section of this title.
fn block(title: &str, language: &str) -> String {
    let readme = repository().join("README.md");
    let readme = std::fs::read_to_string(readme).expect("the README");
    let section = readme.split("\n## ").find_map(|s| s.strip_prefix(title));
    let section = section.unwrap_or_else(|| panic!("no section `{title}`"));
    let fence = format!("```{language}\n");
    let (_, rest) = section
        .split_once(&fence)
        .unwrap_or_else(|| panic!("no {language} in `{title}`"));
    rest.split_once("```")
        .expect("the block's end")
        .0
        .to_owned()
}

fn repository() -> &'static Path {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().expect("the repository")
}

/// A newcomer's second terminal: what the first start has shown is exported,
/// and the repository's files lie where the README has them.
struct Terminal {
    gateway: Gateway,
    exports: Vec<(String, String)>,
}

impl Terminal {
    async fn open() -> Self {
        let gateway = Setup::new().without_bootstrap().start().await;
        let shown = gateway.stdout();
        let exports: Vec<_> = shown
            .lines()
            .filter_map(|line| line.strip_prefix("export ")?.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        assert_eq!(exports.len(), 2, "two export lines: {shown}");
        let plugins = gateway.scratch().join("plugins");
        std::os::unix::fs::symlink(repository().join("plugins"), plugins).expect("a link");
        Self { gateway, exports }
    }

    /// Runs a block, typing `typed` where it asks; what it printed.
    async fn run(&self, mut command: Command, typed: &'static str) -> String {
        command
            .envs(self.exports.iter().cloned())
            .env("AINFERA_ADMIN_URL", self.gateway.admin_url())
            .current_dir(self.gateway.scratch())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let run = tokio::task::spawn_blocking(move || {
            let mut child = command.spawn().expect("the interpreter to run");
            let mut stdin = child.stdin.take().expect("piped");
            stdin.write_all(typed.as_bytes()).expect("to type");
            drop(stdin);
            child.wait_with_output().expect("its output")
        });
        let output = run.await.expect("no panic");
        let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{stdout}\n{stderr}");
        stdout
    }

    async fn shell(&self, block: &str, typed: &'static str) -> String {
        let folder: PathBuf = binary().parent().expect("a folder").to_owned();
        let block = self
            .here(block)
            .replace("$PWD/target/release", &folder.display().to_string());
        let mut command = Command::new("bash");
        command.args(["-euo", "pipefail", "-c", &block]);
        self.run(command, typed).await
    }

    /// The block with this gateway's port instead of the usual one.
    fn here(&self, block: &str) -> String {
        assert!(block.contains("127.0.0.1:8080"), "{block}");
        block.replace("127.0.0.1:8080", self.gateway.addr())
    }
}

#[tokio::test]
async fn a_call_by_curl_and_by_the_sdk() {
    let terminal = Terminal::open().await;
    let streamed = terminal.shell(&block("A call", "sh"), "").await;
    assert!(streamed.starts_with("event: message_start\n"), "{streamed}");
    assert!(streamed.contains("event: message_stop\n"), "{streamed}");

    let script = terminal.here(&block("A call", "python"));
    let mut command = Command::new(python());
    command.args(["-c", &script]);
    let text = terminal.run(command, "").await;
    assert!(text.split_whitespace().count() > 2, "an answer: {text:?}");

    let rows = terminal.gateway.records().outcomes();
    assert_eq!(rows.len(), 2, "{rows:?}");
    for row in rows {
        assert_eq!(row["outcome_status"], "succeeded");
        assert_eq!(row["stream"], 1);
    }
}

#[tokio::test]
async fn a_lever_change() {
    let terminal = Terminal::open().await;
    let block = block("Change a lever", "sh");
    // `ask   # floor 0.60: sim-medium`
    let promised: Vec<(&str, &str)> = block
        .lines()
        .filter_map(|line| line.strip_prefix("ask ")?.trim().strip_prefix("# floor "))
        .map(|comment| comment.split_once(": ").expect("a floor and a model"))
        .collect();
    assert_eq!(
        promised,
        [
            ("0.60", "sim-medium"),
            ("0.70", "sim-large"),
            ("0.60", "sim-medium")
        ]
    );

    let pid = terminal.gateway.pid();
    let printed = terminal.shell(&block, "yes\n").await;
    let models: Vec<&str> = printed
        .lines()
        .filter_map(|line| line.strip_prefix("x-ainfera-model: "))
        .map(|offer| offer.trim().split('@').next().unwrap_or_default())
        .collect();
    let rows = terminal.gateway.records().outcomes();
    let floors: Vec<&str> = rows
        .iter()
        .filter_map(|row| row["floor"].as_str())
        .collect();
    let got: Vec<(&str, &str)> = floors.into_iter().zip(models).collect();
    assert_eq!(got, promised, "{printed}");
    // The founder saw what was signed.
    for shown in ["0.10", "0.20", "type yes"] {
        assert!(printed.contains(shown), "no {shown} in {printed}");
    }
    assert_eq!(terminal.gateway.pid(), pid, "no restart");
}

#[tokio::test]
async fn whoever_does_not_type_yes_signs_nothing() {
    let terminal = Terminal::open().await;
    let block = block("Change a lever", "sh");
    let until = block.find("ainfera plugin rollback").expect("the rollback");
    let block = block[..until].replace("--key founder.pem ", "--key founder.pem || true ");
    let printed = terminal.shell(&block, "no\n").await;
    let large = printed.contains("sim-large");
    assert!(!large && printed.contains("sim-medium"), "{printed}");
    let records = terminal.gateway.records();
    assert_eq!(records.number("SELECT max(generation) FROM generations"), 1);
}
