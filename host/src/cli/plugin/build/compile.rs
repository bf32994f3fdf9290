//! Cargo makes core modules, with the flags that make guests lean and their
//! bytes reproducible.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde::Deserialize;

use super::error::BuildError;

pub(super) const TARGET: &str = "wasm32-unknown-unknown";

/// Enough for any policy worth its name, and few enough pages to touch.
const STACK_BYTES: u32 = 16 * 1024;

/// One WebAssembly page holds the stack, the data and what a call allocates.
const MEMORY_BYTES: u32 = 64 * 1024;

/// Names and files of the core modules, sorted by name.
pub(super) fn compile(
    manifest: &Path,
    folder: &Path,
    examples: bool,
) -> Result<Vec<(String, PathBuf)>, BuildError> {
    let flags = flags(manifest, folder)?;
    let mut cargo = Command::new("cargo");
    cargo
        .current_dir(folder)
        .args(["build", "--release", "--locked", "--target", TARGET])
        .arg("--message-format=json-render-diagnostics")
        .arg("--manifest-path")
        .arg(manifest)
        .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"))
        .stderr(Stdio::inherit());
    if examples {
        cargo.args(["--lib", "--examples"]);
    }
    let output = output("cargo", &mut cargo)?;
    if !output.status.success() {
        return Err(BuildError::Compile);
    }
    let messages = String::from_utf8_lossy(&output.stdout);
    let mut modules = modules(&messages).map_err(|error| BuildError::Answer {
        command: "cargo build",
        detail: error.to_string(),
    })?;
    modules.sort();
    Ok(modules)
}

/// The `cdylib` modules among Cargo's messages, one JSON object a line
/// (<https://doc.rust-lang.org/cargo/reference/external-tools.html>).
fn modules(messages: &str) -> Result<Vec<(String, PathBuf)>, serde_json::Error> {
    #[derive(Deserialize)]
    struct Message {
        target: Option<Target>,
        #[serde(default)]
        filenames: Vec<PathBuf>,
    }
    #[derive(Deserialize)]
    struct Target {
        name: String,
        crate_types: Vec<String>,
    }

    let mut modules = Vec::new();
    for line in messages.lines() {
        let message: Message = serde_json::from_str(line)?;
        let cdylib = |target: &Target| target.crate_types.iter().any(|kind| kind == "cdylib");
        let Some(target) = message.target.filter(cdylib) else {
            continue;
        };
        let mut files = message.filenames.into_iter();
        if let Some(module) = files.find(|file| file.extension() == Some(OsStr::new("wasm"))) {
            modules.push((target.name.replace('_', "-"), module));
        }
    }
    Ok(modules)
}

/// What rustc is told beside the profile.
fn flags(manifest: &Path, folder: &Path) -> Result<Vec<String>, BuildError> {
    let mut rustc = Command::new("rustc");
    rustc
        .current_dir(folder)
        .args(["--print", "target-libdir", "--target", TARGET]);
    let library = ask("rustc", &mut rustc)?;
    if !library.is_dir() {
        return Err(BuildError::TargetMissing {
            folder: folder.to_owned(),
        });
    }
    let mut locate = Command::new("cargo");
    locate
        .current_dir(folder)
        .args(["locate-project", "--workspace", "--message-format=plain"])
        .arg("--manifest-path")
        .arg(manifest);
    let workspace = ask("cargo", &mut locate)?;

    let mut flags = vec![
        format!("-Clink-arg=-zstack-size={STACK_BYTES}"),
        format!("-Clink-arg=--initial-memory={MEMORY_BYTES}"),
        format!("-Clink-arg=--max-memory={MEMORY_BYTES}"),
        // Two functions of one body, as an alias, make LLVM ask for a table.
        "-Cllvm-args=-mergefunc-use-aliases=false".to_owned(),
    ];
    let home = || env::home_dir().map(|home| home.join(".cargo"));
    let cargo_home = env::var_os("CARGO_HOME").map(PathBuf::from).or_else(home);
    let rustlib = library.ancestors().nth(2);
    let remaps = [
        (cargo_home, "/cargo"),
        (workspace.parent().map(Path::to_owned), "/workspace"),
        (rustlib.map(|rustlib| rustlib.join("src/rust")), "/rust"),
    ];
    for (from, to) in remaps {
        let from = from.into_iter();
        flags.extend(from.map(|from| format!("--remap-path-prefix={}={to}", from.display())));
    }
    Ok(flags)
}

/// The path that a tool answers.
fn ask(tool: &'static str, command: &mut Command) -> Result<PathBuf, BuildError> {
    let output = output(tool, command)?;
    let text = |bytes| String::from_utf8_lossy(bytes).trim_end().to_owned();
    if !output.status.success() {
        return Err(BuildError::Failed {
            tool,
            stderr: text(&output.stderr),
        });
    }
    Ok(PathBuf::from(text(&output.stdout)))
}

fn output(tool: &'static str, command: &mut Command) -> Result<Output, BuildError> {
    command.output().map_err(|source| BuildError::Tool {
        tool: tool.to_owned(),
        source,
        mend: "install Rust from https://rustup.rs and have it on PATH",
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn modules_are_the_wasm_files_of_cdylibs() {
        let messages = concat!(
            r#"{"reason":"compiler-artifact","target":{"name":"sdk","crate_types":["lib"]},"filenames":["/t/libsdk.rlib"]}"#,
            "\n",
            r#"{"reason":"compiler-artifact","target":{"name":"my_dial","crate_types":["cdylib"]},"filenames":["/t/my_dial.wasm","/t/my_dial.d"]}"#,
            "\n",
            r#"{"reason":"build-finished","success":true}"#,
            "\n",
        );
        let expected = vec![("my-dial".to_owned(), PathBuf::from("/t/my_dial.wasm"))];
        assert_eq!(modules(messages).unwrap(), expected);
        assert!(modules("warning: not JSON").is_err());
    }
}
