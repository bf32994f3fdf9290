//! `ainfera plugin build`: a policy crate becomes components.
//!
//! Cargo makes core modules for `wasm32-unknown-unknown`; `wit-component` wraps
//! each as a component. What decides a guest's cost, its stack and its memory,
//! only the linker can set, so this command sets it and no author has to. The
//! bytes depend on the sources, the lock file and the toolchain, not on where
//! any of them lie.

mod compile;
mod encode;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use compile::{TARGET, compile};
pub use encode::{EncodeError, encode};

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
