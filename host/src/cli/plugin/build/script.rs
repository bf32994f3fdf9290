//! JavaScript and Python become components with the Bytecode Alliance's own
//! tools, which the project pins; a `policy.toml` says what is built.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use super::error::BuildError;
use crate::policy::Slot;

/// What names a project in one of these languages.
pub(super) const PROJECT: &str = "policy.toml";

/// Runs componentize-js; `node` reads it from its arguments.
const COMPONENTIZE_JS: &str = include_str!("../../../../templates/javascript/componentize.mjs");
/// Its exit code where componentize-js is not installed.
const NOT_INSTALLED: i32 = 3;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Project {
    name: String,
    slot: Slot,
    language: Language,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Language {
    Javascript,
    Python,
}

/// Builds the project in `folder`; its component's name and bytes.
pub(super) fn build(folder: &Path) -> Result<(String, Vec<u8>), BuildError> {
    let Project {
        name,
        slot,
        language,
    } = read(&folder.join(PROJECT))?;
    let file = |path: &Path, source| BuildError::File {
        path: path.to_owned(),
        source,
    };
    // Tools write where they are told; nobody finds half a component in `dist`.
    let out = folder.join(format!(".{name}.wasm.part"));
    eprintln!("building {name}: this may take a minute");
    let built = match language {
        Language::Javascript => javascript(folder, slot, &out),
        Language::Python => python(folder, slot, &out),
    };
    let bytes = built.and_then(|()| fs::read(&out).map_err(|error| file(&out, error)));
    // Not there where nothing was built.
    let _ = fs::remove_file(&out);
    Ok((name, bytes?))
}

fn read(path: &Path) -> Result<Project, BuildError> {
    let bad = |detail: String| BuildError::Policy {
        path: path.to_owned(),
        detail,
    };
    let text = fs::read_to_string(path).map_err(|error| bad(error.to_string()))?;
    let project: Project = toml::from_str(&text).map_err(|error| bad(error.to_string()))?;
    // It becomes a file's name.
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if project.name.is_empty() || !project.name.bytes().all(fits) {
        return Err(bad(
            "`name` must be letters, digits, dashes and underscores".to_owned(),
        ));
    }
    Ok(project)
}

fn javascript(folder: &Path, slot: Slot, out: &Path) -> Result<(), BuildError> {
    let mut node = Command::new("node");
    node.current_dir(folder)
        .args(["--input-type=module", "--eval", COMPONENTIZE_JS, "--"])
        .arg(slot.name())
        .arg(out);
    match run(node, "install Node.js 20 or later and have it on PATH")? {
        Some(0) => Ok(()),
        Some(NOT_INSTALLED) => Err(BuildError::PackagesMissing {
            command: "npm install",
            folder: folder.to_owned(),
        }),
        _ => Err(BuildError::Componentize("componentize-js")),
    }
}

fn python(folder: &Path, slot: Slot, out: &Path) -> Result<(), BuildError> {
    const MEND: &str =
        "run `python3 -m venv .venv && .venv/bin/pip install -r requirements.txt` in the project";
    let own = folder.join(".venv");
    let tool = own.join("bin/componentize-py");
    // An activated environment has it on PATH.
    let tool = if tool.is_file() {
        tool
    } else {
        PathBuf::from("componentize-py")
    };
    let mut componentize = Command::new(tool);
    componentize
        .current_dir(folder)
        .args(["--quiet", "--wit-path", "wit", "--world", slot.name()])
        .args(["componentize", "policy", "--python-path", "src"])
        // Nothing is imported: a policy is a function of its arguments.
        .args(["--stub-wasi", "--output"])
        .arg(out);
    if own.is_dir() {
        componentize.env("VIRTUAL_ENV", own);
    }
    match run(componentize, MEND)? {
        Some(0) => Ok(()),
        _ => Err(BuildError::Componentize("componentize-py")),
    }
}

/// Runs a tool, whose words go to stderr; its exit code.
fn run(mut command: Command, mend: &'static str) -> Result<Option<i32>, BuildError> {
    let tool = command.get_program().to_string_lossy().into_owned();
    let status = command
        .stdin(Stdio::null())
        .stdout(std::io::stderr())
        .status()
        .map_err(|source| BuildError::Tool { tool, source, mend })?;
    Ok(status.code())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_template_names_a_project_of_its_language() {
        for (text, language) in [
            (
                include_str!("../../../../templates/javascript/policy.toml"),
                "javascript",
            ),
            (
                include_str!("../../../../templates/python/policy.toml"),
                "python",
            ),
        ] {
            let text = text
                .replace("@NAME@", "my-policy")
                .replace("@SLOT@", "floor-clamp");
            assert!(text.contains(&format!("language = \"{language}\"")));
            let project: Project = toml::from_str(&text).unwrap();
            assert_eq!(
                (project.name.as_str(), project.slot),
                ("my-policy", Slot::FloorClamp)
            );
        }
    }
}
