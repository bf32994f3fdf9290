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

/// A component of `tests/hostile`: of `wat/` or `core/`, or else by the name of its
/// example or package. Those are all built at the first call, once for the run.
pub fn hostile(name: &str) -> Vec<u8> {
    let hostile = repository().join("tests/hostile");
    let whole = hostile.join(format!("wat/{name}.wat"));
    if whole.is_file() {
        return wat::parse_file(&whole).unwrap_or_else(|error| panic!("{error}"));
    }
    let parts = hostile.join(format!("core/{name}.wat"));
    if parts.is_file() {
        return wat::parse_str(hostile_text(name))
            .unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    read(
        &BUILT
            .get_or_init(build_hostile)
            .join(format!("{name}.wasm")),
    )
}

/// The text of a component of `tests/hostile/core`: its parts of a core module in
/// their envelope. A line that names a file of `core/honest`, in capitals, stands
/// for it.
pub fn hostile_text(name: &str) -> String {
    let core = repository().join("tests/hostile/core");
    let text = |file: &str| {
        let path = core.join(format!("{file}.wat"));
        String::from_utf8(read(&path)).expect("UTF-8")
    };
    let mut whole = text("envelope").replace("    PARTS\n", &text(name));
    for part in ["describe", "describe-data", "apply", "realloc"] {
        let line = format!("\n{}\n", part.to_uppercase());
        whole = whole.replace(&line, &format!("\n{}\n", text(&format!("honest/{part}"))));
    }
    whole
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
