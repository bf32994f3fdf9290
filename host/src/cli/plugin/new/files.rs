//! The files of a new project, filled in.

use super::Language;
use super::name::Name;
use crate::policy::Slot;

/// A file of `host/templates`.
macro_rules! template {
    ($path:literal) => {
        include_str!(concat!("../../../../templates/", $path))
    };
}

/// The contract.
const WIT: &str = include_str!("../../../../../wit/policy.wit");

/// Files of the SDK for Rust, where a project has them.
macro_rules! sdk {
    ($($file:literal)*) => {
        [$((
            concat!("vendor/ainfera-policy/src/", $file),
            include_str!(concat!("../../../../../plugins/sdk/src/", $file)),
        )),*]
    };
}

const SDK: [(&str, &str); 9] = sdk! {
    "bindings.rs" "clamp.rs" "date.rs" "decimal.rs" "describe.rs" "dial.rs" "lib.rs"
    "resolver.rs" "runtime.rs"
};

/// Path and text of every file of a project.
pub(super) fn files(lang: Language, slot: Slot, name: &Name) -> Vec<(&'static str, String)> {
    let own = match lang {
        Language::Rust => rust(slot),
        Language::Js => js(slot),
        Language::Python => python(slot),
    };
    let fill = |text: &str| {
        text.replace("@NAME@", name.as_str())
            .replace("@SLOT@", slot.name())
            .replace("@SUMMARY@", summary(slot))
    };
    let mut files: Vec<(&str, String)> = own
        .into_iter()
        .map(|(path, text)| (path, fill(text)))
        .collect();
    files.push(("cases.toml", cases(slot).to_owned()));
    files.push(("wit/policy.wit", WIT.to_owned()));
    files.sort_unstable();
    files
}

fn rust(slot: Slot) -> Vec<(&'static str, &'static str)> {
    let policy = match slot {
        Slot::AliasResolver => template!("rust/alias-resolver.rs"),
        Slot::PreferenceDial => template!("rust/preference-dial.rs"),
        Slot::FloorClamp => template!("rust/floor-clamp.rs"),
    };
    let mut files = vec![
        (".gitignore", template!("rust/gitignore")),
        ("Cargo.lock", template!("rust/Cargo.lock")),
        ("Cargo.toml", template!("rust/Cargo.toml")),
        ("README.md", template!("rust/README.md")),
        (
            "rust-toolchain.toml",
            include_str!("../../../../../rust-toolchain.toml"),
        ),
        ("src/lib.rs", policy),
        (
            "vendor/ainfera-policy/Cargo.toml",
            template!("rust/sdk.toml"),
        ),
    ];
    files.extend(SDK);
    files
}

fn js(slot: Slot) -> Vec<(&'static str, &'static str)> {
    let policy = match slot {
        Slot::AliasResolver => template!("javascript/alias-resolver.js"),
        Slot::PreferenceDial => template!("javascript/preference-dial.js"),
        Slot::FloorClamp => template!("javascript/floor-clamp.js"),
    };
    vec![
        (".gitignore", template!("javascript/gitignore")),
        ("README.md", template!("javascript/README.md")),
        ("ainfera.js", template!("javascript/ainfera.js")),
        ("package.json", template!("javascript/package.json")),
        ("policy.js", policy),
        ("policy.toml", template!("javascript/policy.toml")),
    ]
}

fn python(slot: Slot) -> Vec<(&'static str, &'static str)> {
    let policy = match slot {
        Slot::AliasResolver => template!("python/alias-resolver.py"),
        Slot::PreferenceDial => template!("python/preference-dial.py"),
        Slot::FloorClamp => template!("python/floor-clamp.py"),
    };
    vec![
        (".gitignore", template!("python/gitignore")),
        ("README.md", template!("python/README.md")),
        ("policy.toml", template!("python/policy.toml")),
        ("requirements.txt", template!("python/requirements.txt")),
        ("src/ainfera.py", template!("python/ainfera.py")),
        ("src/policy.py", policy),
    ]
}

fn cases(slot: Slot) -> &'static str {
    match slot {
        Slot::AliasResolver => template!("cases/alias-resolver.toml"),
        Slot::PreferenceDial => template!("cases/preference-dial.toml"),
        Slot::FloorClamp => template!("cases/floor-clamp.toml"),
    }
}

/// What the policy says of itself before its author does.
fn summary(slot: Slot) -> &'static str {
    match slot {
        Slot::AliasResolver => "Which names are routed, and to which target.",
        Slot::PreferenceDial => "How far a caller's preference moves the quality floor.",
        Slot::FloorClamp => "How much of a preference's move is let through.",
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;

    fn repository() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
    }

    #[test]
    fn the_whole_sdk_is_there() {
        let sources: BTreeSet<String> = fs::read_dir(repository().join("plugins/sdk/src"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        let embedded: BTreeSet<String> = SDK
            .iter()
            .map(|(path, _)| path.rsplit('/').next().unwrap().to_owned())
            .collect();
        assert_eq!(sources, embedded);
    }

    /// A project is built of what the reference set is built of.
    #[test]
    fn the_locked_versions_are_the_reference_sets() {
        let reference = fs::read_to_string(repository().join("plugins/Cargo.lock")).unwrap();
        let packages = template!("rust/Cargo.lock").split("[[package]]").skip(1);
        let mut locked = 0;
        for package in packages.filter(|package| package.contains("checksum = ")) {
            let until = package.find("\ndependencies").unwrap_or(package.len());
            let package = package.get(..until).unwrap().trim();
            assert!(reference.contains(package), "{package}");
            locked += 1;
        }
        assert!(locked > 20);
        let macros = r#"wit-bindgen-rust-macro = { version = "0.61", default-features = false }"#;
        let manifest = fs::read_to_string(repository().join("plugins/Cargo.toml")).unwrap();
        assert!(manifest.contains(macros) && template!("rust/sdk.toml").contains(macros));
    }

    #[test]
    fn nothing_is_left_to_fill_in() {
        let name: Name = "my-policy".parse().unwrap();
        for lang in [Language::Rust, Language::Js, Language::Python] {
            for slot in Slot::ALL {
                let files = files(lang, slot, &name);
                assert!(files.iter().any(|(path, _)| *path == "README.md"));
                for (path, text) in files {
                    for left in ["@NAME@", "@SLOT@", "@SUMMARY@"] {
                        assert!(!text.contains(left), "{path}: {left}");
                    }
                }
            }
        }
    }
}
