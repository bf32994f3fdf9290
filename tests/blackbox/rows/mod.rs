//! Each row of the specification's tables that exists yet, each ability that
//! crosses dialects, each failure of an earlier implementation and each native check
//! of a component's answers has a test that names it.

mod errors;
mod failures;
mod fidelity;
mod records;

use std::path::Path;

/// A promise, and the file and name of a test that holds the gateway to it.
type Row = (&'static str, &'static str, &'static str);

/// The text of the test of this name.
pub(crate) fn test<'a>(source: &'a str, name: &str) -> &'a str {
    let head = format!("#[tokio::test]\nasync fn {name}() {{");
    let (_, rest) = source
        .split_once(&head)
        .unwrap_or_else(|| panic!("no test `{name}`"));
    rest.split_once("\n}\n").expect("its end").0
}

/// The source of a module of these tests.
pub(crate) fn source(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("blackbox")
        .join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"))
}

fn hold(rows: &[Row]) {
    for (row, file, name) in rows {
        assert!(!test(&source(file), name).is_empty(), "{row}");
    }
}
