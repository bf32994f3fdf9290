//! The table of exits in docs/operations.md: each line is held by a test that compares
//! its very words, and each such test has a line.

use std::collections::BTreeSet;

use super::repository;
use crate::rows::{source, test};

const MODULES: [&str; 4] = ["before", "refused", "ended", "broken"];

/// The cells of the table's lines.
fn lines() -> Vec<Vec<String>> {
    let path = repository().join("docs/operations.md");
    let document = std::fs::read_to_string(path).expect("the document");
    let section = document.split("\n## What a call leaves\n").nth(1);
    let lines = section.expect("the section").lines();
    lines
        .skip_while(|line| !line.starts_with('|'))
        .take_while(|line| line.starts_with('|'))
        .skip(2)
        .map(|line| {
            let cells = line.trim_matches('|').split(" |");
            cells.map(|cell| cell.trim().to_owned()).collect()
        })
        .collect()
}

/// What a cell has in backticks.
fn words(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

#[test]
fn every_exit_has_a_test_that_compares_what_its_line_says() {
    let mut named = BTreeSet::new();
    for cells in lines() {
        let [way, _, routed, pinned, money, audit, name] = &cells[..] else {
            panic!("seven cells: {cells:?}");
        };
        let name = words(name).next().expect("a test");
        let (module, function) = name.split_once("::").expect("a module");
        let source = source(&format!("exits/{module}.rs"));
        let text = test(&source, function);
        let said: BTreeSet<_> = [routed, pinned, money, audit]
            .into_iter()
            .flat_map(|cell| words(cell))
            .collect();
        assert!(!said.is_empty(), "{way}");
        if said == BTreeSet::from(["none"]) {
            assert!(text.contains("NOTHING"), "{way}");
        } else {
            for word in said {
                assert!(text.contains(&format!("\"{word}\"")), "{way}: {word}");
            }
        }
        named.insert(name.to_owned());
    }
    assert!(named.len() > 30, "{named:?}");
    let mut there = BTreeSet::new();
    for module in MODULES {
        let source = source(&format!("exits/{module}.rs"));
        let tests = source.split("#[tokio::test]\nasync fn ").skip(1);
        let names = tests.filter_map(|rest| rest.split('(').next());
        there.extend(names.map(|name| format!("{module}::{name}")));
    }
    assert_eq!(named, there, "tests without a line");
}

#[test]
fn what_no_request_brings_about_is_held_beside_the_code() {
    let file = repository().join("host/src/record/tests/exactly_once.rs");
    let source = std::fs::read_to_string(file).expect("the source");
    assert!(
        source.contains("Act::Panics => panic!"),
        "a call that panics"
    );
}
