//! `ainfera plugin build`: a policy crate becomes components.
//!
//! Cargo makes core modules for `wasm32-unknown-unknown`; `wit-component` wraps
//! each as a component. What decides a guest's cost, its stack and its memory,
//! only the linker can set, so this command sets it and no author has to. The
//! bytes depend on the sources, the lock file and the toolchain, not on where
//! any of them lie.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde::Deserialize;
use sha2::{Digest, Sha256};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata, metadata};

const TARGET: &str = "wasm32-unknown-unknown";

/// Enough for any policy worth its name, and few enough pages to touch.
const STACK_BYTES: u32 = 16 * 1024;

/// One WebAssembly page holds the stack, the data and what a call allocates.
const MEMORY_BYTES: u32 = 64 * 1024;

/// Build the policy components of a Cargo package or workspace
#[derive(Debug, clap::Args)]
pub struct BuildArgs {
    /// Manifest of the package or workspace
    #[arg(long, value_name = "PATH", default_value = "Cargo.toml")]
    pub manifest_path: PathBuf,
    /// Folder for the components and SHA256SUMS [default: `dist` beside the manifest]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Build the packages' examples too
    #[arg(long)]
    pub examples: bool,
}

/// A component that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// The Cargo target's name, with dashes.
    pub name: String,
    /// The file that holds the component.
    pub path: PathBuf,
    /// Its size in bytes.
    pub size: usize,
    /// Lowercase hex SHA-256 of its bytes: the digest that names it everywhere.
    pub digest: String,
}

/// Why there is no component.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The manifest is not there.
    #[error("no manifest at {path}: {source}; name one with --manifest-path")]
    Manifest {
        /// As it was given.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A tool could not be started.
    #[error(
        "cannot run `{tool}`: {source}; install Rust from https://rustup.rs and have it on PATH"
    )]
    Tool {
        /// `cargo` or `rustc`.
        tool: &'static str,
        /// What the system says.
        source: io::Error,
    },
    /// The standard library for the target is missing.
    #[error("the target {TARGET} is not installed for this toolchain; run `rustup target add {TARGET}` in {}", .folder.display())]
    TargetMissing {
        /// Where the toolchain is chosen.
        folder: PathBuf,
    },
    /// A question to Cargo or rustc ended with an error.
    #[error("`{tool}` failed: {stderr}")]
    Failed {
        /// `cargo` or `rustc`.
        tool: &'static str,
        /// What it said.
        stderr: String,
    },
    /// The build ended with an error, which Cargo has printed.
    #[error(
        "Cargo could not build this: see its messages above (a missing Cargo.lock is made once with `cargo generate-lockfile`)"
    )]
    Compile,
    /// A tool answered in a form that is not known.
    #[error("`{command}` answered in an unknown form: {detail}; is Cargo older than 1.95?")]
    Answer {
        /// What was run.
        command: &'static str,
        /// What is odd.
        detail: String,
    },
    /// Nothing in the package becomes a component.
    #[error("nothing to build in {}: a policy's Cargo.toml needs `[lib]` with `crate-type = [\"cdylib\"]`", .manifest.display())]
    Nothing {
        /// The manifest that was built.
        manifest: PathBuf,
    },
    /// A module is no component of the contract.
    #[error("{name}: {source}")]
    Encode {
        /// The Cargo target's name.
        name: String,
        /// Why.
        source: EncodeError,
    },
    /// A file could not be read or written.
    #[error("{}: {source}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// Why a core module can't be made a component.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// It carries no world with exports, or several.
    #[error("it exports no slot, or more than one; call exactly one of the SDK's export macros")]
    Slot,
    /// It is no valid module, lacks an export of its world, or imports something.
    #[error("not a policy module: {0}")]
    Invalid(String),
}

/// Builds, writes and prints the components, sorted by name.
///
/// # Errors
/// See [`BuildError`]. Nothing is written unless every module could be encoded.
pub fn run(args: &BuildArgs) -> Result<Vec<Built>, BuildError> {
    let manifest =
        fs::canonicalize(&args.manifest_path).map_err(|source| BuildError::Manifest {
            path: args.manifest_path.clone(),
            source,
        })?;
    // Cargo runs there, so that a rust-toolchain.toml above it holds.
    let folder = manifest.parent().unwrap_or(Path::new("/"));
    let out = args.out.clone().unwrap_or_else(|| folder.join("dist"));

    let modules = compile(&manifest, folder, args.examples)?;
    if modules.is_empty() {
        return Err(BuildError::Nothing { manifest });
    }
    let mut components = Vec::with_capacity(modules.len());
    for (name, module) in modules {
        let core = fs::read(&module).map_err(|source| BuildError::File {
            path: module,
            source,
        })?;
        let component = encode(&core).map_err(|source| BuildError::Encode {
            name: name.clone(),
            source,
        })?;
        components.push((name, component));
    }
    let built = write(&out, &components)?;
    for component in &built {
        let Built {
            path, size, digest, ..
        } = component;
        println!("{digest}  {size:>7} bytes  {}", path.display());
    }
    Ok(built)
}

/// Makes a component of a core module that carries its WIT world, as
/// `wit-bindgen` leaves it. The same module gives the same bytes.
///
/// # Errors
/// See [`EncodeError`].
pub fn encode(core: &[u8]) -> Result<Vec<u8>, EncodeError> {
    let invalid = |error| EncodeError::Invalid(format!("{error:#}"));
    let (module, bindgen) = metadata::decode(core).map_err(invalid)?;
    // The SDK carries the imports of every slot's world. Only the world that the
    // module exports becomes the component's, or it would name foreign types.
    let worlds = &bindgen.resolve.worlds;
    let mut exported = worlds
        .iter()
        .filter(|(id, world)| *id != bindgen.world && !world.exports.is_empty());
    let (Some(mut module), Some((world, _)), None) = (module, exported.next(), exported.next())
    else {
        return Err(EncodeError::Slot);
    };
    embed_component_metadata(
        &mut module,
        &bindgen.resolve,
        world,
        StringEncoding::UTF8,
        false,
    )
    .and_then(|()| {
        ComponentEncoder::default()
            .validate(true)
            .module(&module)?
            .encode()
    })
    .map_err(invalid)
}

/// Names and files of the core modules, sorted by name.
fn compile(
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
    command
        .output()
        .map_err(|source| BuildError::Tool { tool, source })
}

/// Writes each component and a SHA256SUMS that `sha256sum -c` takes.
fn write(out: &Path, components: &[(String, Vec<u8>)]) -> Result<Vec<Built>, BuildError> {
    let put = |path: &Path, bytes: &[u8]| {
        fs::write(path, bytes).map_err(|source| BuildError::File {
            path: path.to_owned(),
            source,
        })
    };
    fs::create_dir_all(out).map_err(|source| BuildError::File {
        path: out.to_owned(),
        source,
    })?;
    let mut built = Vec::with_capacity(components.len());
    let mut sums = String::new();
    for (name, component) in components {
        let file = format!("{name}.wasm");
        let path = out.join(&file);
        put(&path, component)?;
        let digest = hex(&Sha256::digest(component));
        sums.push_str(&format!("{digest}  {file}\n"));
        built.push(Built {
            name: name.clone(),
            path,
            size: component.len(),
            digest,
        });
    }
    put(&out.join("SHA256SUMS"), sums.as_bytes())?;
    Ok(built)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
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

    #[test]
    fn only_a_module_with_a_slot_becomes_a_component() {
        let empty = b"\0asm\x01\0\0\0";
        assert!(matches!(encode(empty), Err(EncodeError::Slot)));
        assert!(matches!(encode(b"ELF"), Err(EncodeError::Invalid(_))));
        let component = b"\0asm\x0d\0\x01\0";
        assert!(matches!(encode(component), Err(EncodeError::Invalid(_))));
    }
}
