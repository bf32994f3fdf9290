//! `ainfera plugin new`: a project that builds and passes `check` as it stands.
//! All of it comes out of this binary: the contract, the SDK, the locked
//! versions of what it needs.

mod files;
mod name;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde_json::json;

use crate::cli::failure::Failure;
use crate::cli::show::{self, say};
use crate::policy::Slot;
use files::files;
use name::Name;

#[derive(Debug, clap::Args)]
pub struct NewArgs {
    /// Its name, and the folder that is made: lowercase letters, digits and dashes
    #[arg(value_name = "NAME")]
    name: Name,
    /// The slot that it fills: alias-resolver, preference-dial or floor-clamp
    #[arg(long, value_name = "SLOT")]
    slot: Slot,
    /// The language to write it in
    #[arg(long, value_name = "LANG", value_enum, default_value_t = Language::Rust)]
    lang: Language,
    /// Print JSON: the folder and its files
    #[arg(long)]
    json: bool,
}

/// A language that policies are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Language {
    Rust,
    #[value(alias = "javascript")]
    Js,
    Python,
}

impl Language {
    fn shown(self) -> &'static str {
        match self {
            Self::Rust => "Rust",
            Self::Js => "JavaScript",
            Self::Python => "Python",
        }
    }

    /// What gets the tools that the build needs, once for each project.
    fn setup(self) -> Option<&'static str> {
        match self {
            Self::Rust => None,
            Self::Js => Some("npm install"),
            Self::Python => {
                Some("python3 -m venv .venv && .venv/bin/pip install -r requirements.txt")
            }
        }
    }
}

pub(super) fn run(args: &NewArgs) -> Result<(), Failure> {
    let NewArgs {
        name, slot, lang, ..
    } = args;
    let folder = PathBuf::from(name.as_str());
    let files = files(*lang, *slot, name);
    create(&folder, &files)?;
    if args.json {
        let paths: Vec<&str> = files.iter().map(|(path, _)| *path).collect();
        return show::json(&json!({"folder": folder, "files": paths}));
    }
    say!(
        "made {}/: a policy for slot {slot}, in {}",
        name.as_str(),
        lang.shown()
    );
    say!("next:");
    say!("  cd {}", name.as_str());
    if let Some(setup) = lang.setup() {
        say!("  {setup}");
    }
    for next in ["build", "check", "test"] {
        say!("  ainfera plugin {next}");
    }
    Ok(())
}

/// Makes `folder`, which must not be there, and writes `files` in it.
fn create(folder: &Path, files: &[(&str, String)]) -> Result<(), Failure> {
    fs::create_dir(folder).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => Failure::refused(format!(
            "{} exists already; nothing is overwritten: give another name",
            folder.display()
        )),
        _ => Failure::file(folder, &error),
    })?;
    for (path, text) in files {
        let path = folder.join(path);
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent)
            .and_then(|()| fs::write(&path, text))
            .map_err(|error| Failure::file(&path, &error))?;
    }
    Ok(())
}
