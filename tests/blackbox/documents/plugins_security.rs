//! docs/plugins-security.md lists every hostile component, and tests that exist.

use std::collections::BTreeSet;
use std::path::Path;

use super::repository;

/// Honest, but different: not in the table.
const HONEST: [&str; 5] = [
    "different-classification",
    "gentle",
    "moves-nothing",
    "narrow",
    "sunset-alias",
];

fn document() -> String {
    let path = repository().join("docs/plugins-security.md");
    std::fs::read_to_string(path).expect("the document")
}

/// What stands between backticks in the cells of this column, of rows with so many.
fn named(columns: usize, column: usize) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for row in document().lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").collect();
        if cells.len() == columns {
            let words = cells[column].split('`').skip(1).step_by(2);
            names.extend(words.map(str::to_owned));
        }
    }
    names
}

#[test]
fn every_hostile_component_is_in_the_table() {
    let hostile = repository().join("tests/hostile");
    let mut components = BTreeSet::new();
    for folder in ["examples", "wat", "core"] {
        let files = std::fs::read_dir(hostile.join(folder)).expect("a folder");
        let paths = files.map(|file| file.expect("a file").path());
        components.extend(paths.filter(|path| path.is_file()).map(|path| stem(&path)));
    }
    let folders = std::fs::read_dir(&hostile).expect("a folder");
    let packages = folders.map(|folder| folder.expect("a folder").path());
    let packages = packages.filter(|path| path.join("Cargo.toml").is_file());
    components.extend(packages.map(|path| stem(&path)));
    components.remove("envelope");
    for honest in HONEST {
        assert!(components.remove(honest), "{honest} is gone");
    }
    let listed = named(4, 0);
    assert_eq!(listed, components);
}

#[test]
fn every_test_in_the_tables_exists() {
    let mut sources = String::new();
    read_all(&repository().join("tests/blackbox"), &mut sources);
    let tests = named(4, 3).into_iter().chain(named(3, 2));
    let tests: BTreeSet<String> = tests.filter(|name| name.contains("_")).collect();
    assert!(tests.len() > 20, "{tests:?}");
    for test in tests {
        assert!(
            sources.contains(&format!("fn {test}()")),
            "there is no test {test}"
        );
    }
}

fn stem(path: &Path) -> String {
    path.file_stem()
        .expect("a name")
        .to_string_lossy()
        .into_owned()
}

fn read_all(folder: &Path, text: &mut String) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            read_all(&path, text);
        } else {
            text.push_str(&std::fs::read_to_string(&path).expect("a source"));
        }
    }
}
