//! The components that the tests upload.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::gateway::{binary, target_profile};

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the repository")
}

/// A component of `plugins/dist`, by file name without `.wasm`.
pub fn dist(name: &str) -> Vec<u8> {
    read(&path(name))
}

/// Where that is.
pub fn path(name: &str) -> PathBuf {
    let folder = repository().join("plugins/dist");
    folder.join(format!("{name}.wasm"))
}

/// A component of `tests/hostile`: of `wat/`, or else by the name of its example
/// or package. Those are all built at the first call, once for the run.
pub fn hostile(name: &str) -> Vec<u8> {
    let text = repository()
        .join("tests/hostile/wat")
        .join(format!("{name}.wat"));
    if text.is_file() {
        return wat::parse_file(&text).unwrap_or_else(|error| panic!("{error}"));
    }
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    read(
        &BUILT
            .get_or_init(build_hostile)
            .join(format!("{name}.wasm")),
    )
}

fn build_hostile() -> PathBuf {
    let out = target_profile()
        .parent()
        .expect("the target folder")
        .join("hostile");
    let manifest = repository().join("tests/hostile/Cargo.toml");
    let output = Command::new(binary())
        .args(["plugin", "build", "--manifest-path"])
        .arg(manifest)
        .args(["--examples", "--out"])
        .arg(&out)
        .output()
        .expect("the binary to run");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "building tests/hostile: {stderr}");
    out
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
