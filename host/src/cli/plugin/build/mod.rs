//! `ainfera plugin build`: a policy project becomes components.
//!
//! For Rust, Cargo makes core modules for `wasm32-unknown-unknown`; `wit-component` wraps
//! each as a component. What decides a guest's cost, its stack and its memory,
//! only the linker can set, so this command sets it and no author has to. The
//! bytes depend on the sources, the lock file and the toolchain, not on where
//! any of them lie. JavaScript and Python have tools of their own.

mod compile;
mod encode;
mod error;
mod script;

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::json;

use crate::cli::failure::Failure;
use crate::cli::show::{self, say};
use crate::store::Digest;
use compile::compile;
use encode::encode;
use error::BuildError;

#[derive(Debug, clap::Args)]
pub struct BuildArgs {
    /// Folder of the project
    #[arg(value_name = "DIR", default_value = ".")]
    dir: PathBuf,
    /// Manifest of a Cargo package or workspace [default: Cargo.toml in DIR]
    #[arg(long, value_name = "PATH")]
    manifest_path: Option<PathBuf>,
    /// Folder for the components and SHA256SUMS [default: `dist` in the project]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Build a Cargo package's examples too
    #[arg(long)]
    examples: bool,
    /// Print JSON: the components
    #[arg(long)]
    json: bool,
}

/// A component that was written.
#[derive(Debug, Serialize)]
struct Built {
    /// The Cargo target's name, with dashes.
    name: String,
    /// The file that holds the component.
    path: PathBuf,
    /// Its size in bytes.
    size: usize,
    /// The digest that names it everywhere.
    digest: Digest,
}

/// Builds, writes and prints the components, sorted by name. Nothing is written
/// unless all could be built.
pub(super) fn run(args: &BuildArgs) -> Result<(), Failure> {
    let (folder, components) = components(args)?;
    let out = args.out.clone().unwrap_or_else(|| folder.join("dist"));
    let built = write(&out, &components)?;
    if args.json {
        return show::json(&json!({ "components": built }));
    }
    for Built {
        path, size, digest, ..
    } in &built
    {
        say!("{digest}  {size:>8} bytes  {}", path.display());
    }
    Ok(())
}

/// Components, each with its name.
type Named = Vec<(String, Vec<u8>)>;

/// The project's folder and its components.
fn components(args: &BuildArgs) -> Result<(PathBuf, Named), BuildError> {
    let Some(path) = &args.manifest_path else {
        let folder = &args.dir;
        if folder.join(script::PROJECT).is_file() {
            let folder = absolute(folder)?;
            let component = script::build(&folder)?;
            return Ok((folder, vec![component]));
        }
        let manifest = folder.join("Cargo.toml");
        if !manifest.is_file() {
            return Err(BuildError::Project {
                folder: folder.clone(),
            });
        }
        return cargo(&absolute(&manifest)?, args.examples);
    };
    cargo(&absolute(path)?, args.examples)
}

fn absolute(path: &Path) -> Result<PathBuf, BuildError> {
    fs::canonicalize(path).map_err(|source| BuildError::Manifest {
        path: path.to_owned(),
        source,
    })
}

fn cargo(manifest: &Path, examples: bool) -> Result<(PathBuf, Named), BuildError> {
    // Cargo runs there, so that a rust-toolchain.toml above it holds.
    let folder = manifest.parent().unwrap_or(Path::new("/"));
    let modules = compile(manifest, folder, examples)?;
    if modules.is_empty() {
        return Err(BuildError::Nothing {
            manifest: manifest.to_owned(),
        });
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
    Ok((folder.to_owned(), components))
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
        let digest = Digest::of(component);
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
