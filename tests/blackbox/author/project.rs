//! A project in a temporary folder, and the author's commands in it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use ainfera_tests::gateway::binary;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio::sync::Mutex;

use super::toolchains::{environment, guests};

/// Its name, and its folder's.
const NAME: &str = "my-policy";

pub struct Project {
    home: TempDir,
    lang: &'static str,
}

impl Project {
    /// A new one, as `plugin new` makes it.
    pub async fn new(slot: &str, lang: &'static str) -> Self {
        let home = TempDir::new().expect("a temporary directory");
        let project = Self { home, lang };
        let args = ["new", NAME, "--slot", slot, "--lang", lang];
        let made = project.at(project.home.path(), &args).await;
        assert!(made.status.success(), "{}", said(&made));
        project
    }

    pub fn folder(&self) -> PathBuf {
        self.home.path().join(NAME)
    }

    pub fn component(&self) -> PathBuf {
        self.folder().join("dist").join(format!("{NAME}.wasm"))
    }

    pub fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.folder().join(path)).expect("the file")
    }

    pub fn write(&self, path: &str, text: &str) {
        std::fs::write(self.folder().join(path), text).expect("to write");
    }

    /// Replaces a text that must be there.
    pub fn edit(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert!(text.contains(from), "no {from} in {path}");
        self.write(path, &text.replace(from, to));
    }

    /// `ainfera plugin …` in its folder.
    pub async fn plugin(&self, args: &[&str]) -> Output {
        // One at a time: all are of one name, so Cargo leaves what it made of each in
        // one file of the folder that they share, until it becomes a component.
        static CARGO: Mutex<()> = Mutex::const_new(());
        let builds = self.lang == "rust" && args.first() == Some(&"build");
        let _turn = if builds {
            Some(CARGO.lock().await)
        } else {
            None
        };
        self.at(&self.folder(), args).await
    }

    /// [`Self::plugin`], which must succeed; what it printed.
    pub async fn plugin_ok(&self, args: &[&str]) -> String {
        let output = self.plugin(args).await;
        assert!(output.status.success(), "{args:?}: {}", said(&output));
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// [`Self::plugin_ok`] with `--json`.
    pub async fn json(&self, args: &[&str]) -> Value {
        let args = [args, &["--json"]].concat();
        serde_json::from_str(&self.plugin_ok(&args).await).expect("JSON")
    }

    async fn at(&self, folder: &Path, args: &[&str]) -> Output {
        let mut command = Command::new(binary());
        command
            .arg("plugin")
            .args(args)
            .env_clear()
            .envs(environment())
            .current_dir(folder);
        let run = tokio::task::spawn_blocking(move || command.output().expect("the binary"));
        run.await.expect("no panic")
    }

    /// Builds it, or takes what was built of the same sources by an earlier run:
    /// interpreted components take long.
    pub async fn build(&self) {
        let kept = guests("built").join(format!("{}-{}.wasm", self.lang, self.sources()));
        let component = self.component();
        if kept.is_file() {
            std::fs::create_dir_all(component.parent().expect("dist")).expect("a folder");
            std::fs::copy(&kept, &component).expect("to copy");
            return;
        }
        self.install().await;
        self.plugin_ok(&["build"]).await;
        std::fs::create_dir_all(guests("built")).expect("a folder");
        // Whole or not at all, also where two tests build the same: by a name that
        // only this one has.
        let part = kept.with_extension(self.home.path().file_name().expect("a name"));
        std::fs::copy(&component, &part).expect("to copy");
        std::fs::rename(&part, &kept).expect("to rename");
    }

    /// Gets the packages that its README names.
    async fn install(&self) {
        let script = match self.lang {
            "js" => "npm install --loglevel=error",
            "python" => "python3 -m venv .venv && .venv/bin/pip install -q -r requirements.txt",
            _ => return,
        };
        assert!(
            self.read("README.md")
                .contains(script.split(" -").next().unwrap_or(script)),
            "the README says so"
        );
        let mut command = Command::new("bash");
        command
            .args(["-euc", script])
            .env_clear()
            .envs(environment())
            .current_dir(self.folder());
        let run = tokio::task::spawn_blocking(move || command.output().expect("bash"));
        let output = run.await.expect("no panic");
        assert!(output.status.success(), "{}", said(&output));
    }

    /// A digest of all its files, and of what builds them.
    fn sources(&self) -> String {
        let mut files = Vec::new();
        collect(&self.folder(), &mut files);
        files.sort();
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
        let host = repository.expect("the repository").join("host");
        collect(&host.join("src/cli/plugin/build"), &mut files);
        files.push(host.join("templates/javascript/componentize.mjs"));
        let mut hash = Sha256::new();
        for file in files {
            let name = file.strip_prefix(self.folder()).unwrap_or(&file);
            hash.update(name.as_os_str().as_encoded_bytes());
            hash.update(std::fs::read(&file).expect("the file"));
        }
        let digest = hash.finalize();
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}

/// All that a command said.
pub fn said(output: &Output) -> String {
    format!(
        "{}\n{}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}
