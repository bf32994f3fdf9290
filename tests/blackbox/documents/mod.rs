//! The calls in the documents work as written: their blocks are run as they
//! stand, in order, against a freshly started gateway. Only the ports and the PATH
//! are others, and prompts are answered.

mod admin;
mod api;
mod exits;
mod offer_activation;
mod plugins;
mod plugins_security;
mod readme;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use ainfera_tests::gateway::{Gateway, Setup, binary};

use crate::author::toolchains;
use crate::sdk::child::{self, Node, node_package, python};

/// A code block.
struct Block {
    /// The title of its section, of the second level.
    section: String,
    language: String,
    code: String,
}

/// The code blocks of a document of the repository.
fn blocks(document: &str) -> Vec<Block> {
    let text = std::fs::read_to_string(repository().join(document)).expect("the document");
    let mut blocks: Vec<Block> = Vec::new();
    let (mut section, mut open) = (String::new(), false);
    for line in text.lines() {
        match (open, line.strip_prefix("```")) {
            (false, Some(language)) => blocks.push(Block {
                section: section.clone(),
                language: language.to_owned(),
                code: String::new(),
            }),
            (true, None) => {
                let block = blocks.last_mut().expect("the open one");
                block.code.push_str(line);
                block.code.push('\n');
            }
            (false, None) => {
                if let Some(title) = line.strip_prefix("## ") {
                    title.clone_into(&mut section);
                }
            }
            (true, Some(_)) => {}
        }
        open ^= line.starts_with("```");
    }
    assert!(!open, "an open block in {document}");
    blocks
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

    /// Runs a program, typing `typed` where it asks; what it printed.
    async fn run(&self, mut command: Command, typed: &'static str) -> String {
        command
            .envs(self.exports.iter().cloned())
            .env("AINFERA_ADMIN_URL", self.gateway.admin_url())
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

    /// Runs a block for the shell, where Claude Code is installed.
    async fn shell(&self, block: &str, typed: &'static str) -> String {
        let mut command = child::command(Path::new("bash"), self.gateway.scratch());
        let path = std::env::var("PATH").unwrap_or_default();
        let claude = node_package("@anthropic-ai/claude-code", "");
        command.env("PATH", format!("{}:{path}", claude.display()));
        self.bash(command, block, typed).await
    }

    /// Runs a block that builds policies, with the toolchains of the machine and
    /// nothing of the network.
    async fn author(&self, block: &str, typed: &'static str) -> String {
        let mut command = child::within(1_200, Path::new("bash"), self.gateway.scratch());
        command.envs(toolchains::environment());
        self.bash(command, block, typed).await
    }

    /// Runs a block that changes a lever, answering yes: its calls are those `promised`,
    /// each `ask   # floor 0.60: sim-medium` of it, and answered as its comment
    /// says, all by one process. What it printed.
    async fn lever_change(&self, block: &str, promised: &[(&str, &str)]) -> String {
        let comments: Vec<(&str, &str)> = block
            .lines()
            .filter_map(|line| line.strip_prefix("ask ")?.trim().strip_prefix("# floor "))
            .map(|comment| comment.split_once(": ").expect("a floor and a model"))
            .collect();
        assert_eq!(comments, promised);

        let pid = self.gateway.pid();
        let printed = self.author(block, "yes\n").await;
        let models = printed
            .lines()
            .filter_map(|line| line.strip_prefix("x-ainfera-model: "))
            .map(|offer| offer.trim().split('@').next().unwrap_or_default());
        let rows = self.gateway.records().outcomes();
        let floors = rows.iter().filter_map(|row| row["floor"].as_str());
        let got: Vec<(&str, &str)> = floors.zip(models).collect();
        assert_eq!(got, promised, "{printed}");
        assert!(printed.contains("type yes"), "{printed}");
        assert_eq!(self.gateway.pid(), pid, "no restart");
        printed
    }

    async fn bash(&self, mut bash: Command, block: &str, typed: &'static str) -> String {
        let folder: PathBuf = binary().parent().expect("a folder").to_owned();
        let block = self
            .here(block)
            .replace("$PWD/target/release", &folder.display().to_string());
        bash.args(["-euo", "pipefail", "-c", &block]);
        self.run(bash, typed).await
    }

    /// Runs a block of Python, where the SDKs are installed.
    async fn python(&self, block: &str) -> String {
        let mut command = child::command(&python(), self.gateway.scratch());
        command.args(["-c", &self.here(block)]);
        self.run(command, "").await
    }

    /// Runs a block of TypeScript, where the SDKs are installed.
    async fn typescript(&self, block: &str) -> String {
        let node = Node::new();
        node.add("block.ts", &self.here(block));
        self.run(node.command(&["block.ts"]), "").await
    }

    /// The block with this gateway's port instead of the usual one.
    fn here(&self, block: &str) -> String {
        assert!(block.contains("127.0.0.1:8080"), "{block}");
        block.replace("127.0.0.1:8080", self.gateway.addr())
    }
}
