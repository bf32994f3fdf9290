//! The component that an author means: a file, or what a project's `dist`
//! holds.

use std::fs;
use std::path::{Path, PathBuf};

use crate::cli::failure::Failure;
use crate::policy::{Component, Guests, PolicyEngine};

/// The component's file, where `path` is one or a project's folder.
pub(super) fn file(path: &Path) -> Result<PathBuf, Failure> {
    if !path.is_dir() {
        return Ok(path.to_owned());
    }
    let dist = path.join("dist");
    let mut found: Vec<PathBuf> = fs::read_dir(&dist)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|file| file.extension().is_some_and(|end| end == "wasm"))
        .collect();
    found.sort();
    match found.as_slice() {
        [one] => Ok(one.clone()),
        [] => Err(Failure::unusable(format!(
            "no component in {}; make one with `ainfera plugin build`, or name a file",
            dist.display()
        ))),
        several => {
            let names: Vec<String> = several.iter().map(|f| f.display().to_string()).collect();
            Err(Failure::unusable(format!(
                "{} components in {}; name one of {}",
                several.len(),
                dist.display(),
                names.join(", ")
            )))
        }
    }
}

/// The bytes of [`file`].
pub(super) fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let file = file(path)?;
    fs::read(&file).map_err(|error| Failure::file(&file, &error))
}

/// The engine of every command that runs a component here.
pub(super) fn engine() -> Result<PolicyEngine, Failure> {
    PolicyEngine::isolated(Guests::default()).map_err(Failure::unusable)
}

/// [`file`], compiled.
pub(super) fn component(engine: &PolicyEngine, path: &Path) -> Result<Component, Failure> {
    Component::load(engine, &bytes(path)?).map_err(Failure::refused)
}
